"""deploy/kubernetes as kustomize renders it."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml

from tests import programs
from tests.deploy.conftest import ROOT

FOLDER = ROOT / "deploy/kubernetes"
#: What is applied to a cluster. The example is `large`, and `operators` that with every component.
OVERLAYS = ("small", "large", "example", "operators")
COMPONENT = "app.kubernetes.io/component"
Object = dict[str, Any]


@cache
def render(overlay: str) -> tuple[Object, ...]:
    """As `kubectl apply -k` does: no file outside of a folder is read."""
    made = programs.run([programs.found("kustomize"), "build", FOLDER / overlay])
    assert made.returncode == 0, made.stderr[:2000]
    return tuple(yaml.safe_load_all(made.stdout))


def of_kind(overlay: str, kind: str) -> dict[str, Object]:
    """The overlay's objects of a kind, by name."""
    return {o["metadata"]["name"]: o for o in render(overlay) if o["kind"] == kind}


def pods(overlay: str) -> dict[str, Object]:
    """The pod template of each Deployment and Job, by name."""
    made = {**of_kind(overlay, "Deployment"), **of_kind(overlay, "Job")}
    return {name: each["spec"]["template"] for name, each in made.items()}


def containers(overlay: str) -> Iterator[tuple[str, Object]]:
    """(pod, container), with those that run first."""
    for name, pod in pods(overlay).items():
        for container in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]:
            yield name, container


def main_container(overlay: str, name: str) -> Object:
    [container] = pods(overlay)[name]["spec"]["containers"]
    return container


def settings(overlay: str) -> dict[str, str]:
    [found] = [
        each["data"] for name, each in of_kind(overlay, "ConfigMap").items() if "settings" in name
    ]
    return found


def selects(selector: Object, labels: dict[str, str]) -> bool:
    """Whether a label selector matches."""
    for requirement in selector.get("matchExpressions", []):
        is_in = labels.get(requirement["key"]) in requirement["values"]
        if is_in is not (requirement["operator"] == "In"):
            return False
    wanted = selector.get("matchLabels", {})
    return {key: labels.get(key) for key in wanted} == wanted
