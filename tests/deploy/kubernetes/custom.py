"""Schemas of the custom resources: the fields that we use, and no others.

Sources: the resource definitions of Prometheus Operator 0.93 (`ServiceMonitor`) and of KEDA 2.20
(`ScaledObject`), read 2026-11-26.
"""

from typing import Any

TEXT = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 1}


def closed(**properties: Any) -> dict[str, Any]:
    """An object with exactly these fields."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


METADATA = {**closed(name=TEXT, namespace=TEXT, labels={"type": "object"}), "required": ["name"]}
RELABEL = {
    **closed(
        sourceLabels={"type": "array", "items": {"type": "string", "pattern": "^[a-zA-Z_]\\w*$"}},
        separator=TEXT,
        targetLabel=TEXT,
        replacement=TEXT,
        regex=TEXT,
        action={"enum": ["replace", "labeldrop"]},
    ),
    "required": [],
}
SERVICE_MONITOR = closed(
    apiVersion={"const": "monitoring.coreos.com/v1"},
    kind={"const": "ServiceMonitor"},
    metadata=METADATA,
    spec=closed(
        selector=closed(matchLabels={"type": "object"}),
        endpoints={
            "type": "array",
            "items": closed(
                port=TEXT,
                path=TEXT,
                interval={"type": "string", "pattern": "^[0-9]+s$"},
                scrapeTimeout={"type": "string", "pattern": "^[0-9]+s$"},
                authorization=closed(type=TEXT, credentials=closed(name=TEXT, key=TEXT)),
                relabelings={"type": "array", "items": RELABEL},
            ),
        },
    ),
)
#: KEDA's fields of a trigger are texts, also where they are numbers.
TRIGGER = closed(
    type={"const": "prometheus"},
    metadata=closed(
        serverAddress={"type": "string", "pattern": "^http://"},
        query=TEXT,
        threshold={"type": "string", "pattern": "^[0-9]+$"},
    ),
)
POLICY = closed(type={"enum": ["Pods", "Percent"]}, value=COUNT, periodSeconds=COUNT)
SCALED_OBJECT = closed(
    apiVersion={"const": "keda.sh/v1alpha1"},
    kind={"const": "ScaledObject"},
    metadata=METADATA,
    spec=closed(
        scaleTargetRef=closed(name=TEXT),
        minReplicaCount=COUNT,
        maxReplicaCount=COUNT,
        pollingInterval=COUNT,
        fallback=closed(failureThreshold=COUNT, replicas=COUNT),
        advanced=closed(
            horizontalPodAutoscalerConfig=closed(
                behavior=closed(
                    scaleDown=closed(
                        stabilizationWindowSeconds=COUNT,
                        policies={"type": "array", "items": POLICY},
                    )
                )
            )
        ),
        triggers={"type": "array", "items": TRIGGER, "minItems": 1},
    ),
)
SCHEMAS = {"ServiceMonitor": SERVICE_MONITOR, "ScaledObject": SCALED_OBJECT}
