"""Every object of deploy/kubernetes, against Kubernetes' schemas and against the product."""

import copy
import re

import jsonschema
import kubernetes_validate
import pytest
from django.core.management import get_commands

from config import settings as product
from config.observability.probes import PROBES
from config.queue import routing
from config.queue.processes import PROCESSES
from config.queue.routing import ALL, SLOW
from platforms.registry import ADAPTERS
from tests.deploy.conftest import ROOT
from tests.deploy.kubernetes import custom, rendering
from tests.deploy.kubernetes.rendering import COMPONENT, OVERLAYS, of_kind, pods, render
from tests.deploy.test_compose import COMPOSE

#: The newest that the schemas have, and the oldest that has `preStop.sleep` without a feature gate.
NEWEST, OLDEST = "1.37", "1.30"
EXAMPLE = (ROOT / "deploy/env.example").read_text()
SETTINGS = set(re.findall(r"^#?([A-Z0-9_]+)=", EXAMPLE, re.M))
#: Of other programs: Python's, Flower's own, and the proxy's.
FOREIGN = {"TMPDIR", "FLOWER_URL_PREFIX", "FLOWER_READ_ONLY"}

pytestmark = pytest.mark.needs("kustomize")
each_overlay = pytest.mark.parametrize("overlay", OVERLAYS)


@pytest.mark.parametrize(
    ("overlay", "version"), [*((overlay, NEWEST) for overlay in OVERLAYS), ("operators", OLDEST)]
)
def test_every_object_is_valid(overlay, version):
    for made in render(overlay):
        if schema := custom.SCHEMAS.get(made["kind"]):
            jsonschema.validate(made, schema)
        else:
            kubernetes_validate.validate(made, version, strict=True)


@each_overlay
def test_only_the_overlay_of_operators_has_objects_of_theirs(overlay):
    theirs = {made["kind"] for made in render(overlay) if ".com/" in made["apiVersion"]}
    theirs |= {made["kind"] for made in render(overlay) if made["apiVersion"].startswith("keda.")}

    assert theirs == (set(custom.SCHEMAS) if overlay == "operators" else set())


def test_a_field_that_does_not_exist_is_refused():
    wrong = copy.deepcopy(of_kind("small", "Deployment")["web"])
    wrong["spec"]["template"]["spec"]["enableServiceLink"] = False

    with pytest.raises(kubernetes_validate.ValidationError, match="enableServiceLink"):
        kubernetes_validate.validate(wrong, NEWEST, strict=True)


@each_overlay
def test_every_object_is_in_the_namespace_once(overlay):
    names = [(made["kind"], made["metadata"]["name"]) for made in render(overlay)]
    places = {made["metadata"].get("namespace") for made in render(overlay)}

    assert len(names) == len(set(names))
    assert places == {None, "dovecote"}


@each_overlay
def test_every_setting_exists(overlay):
    given = set(rendering.settings(overlay))
    for name, container in rendering.containers(overlay):
        if name != "proxy":
            given |= {each["name"] for each in container.get("env", [])}

    assert given <= SETTINGS | FOREIGN
    # The image's own port and folders.
    assert not given & {"WEB_HOST", "WEB_PORT", "DOVECOTE_HOME", "STATIC_ROOT", "MEDIA_ROOT"}


@each_overlay
def test_no_secret_is_written_here(overlay):
    secret = re.compile("SECRET|KEY|TOKEN|PASSWORD|DSN|DATABASE_URL|REDIS_URL")

    assert of_kind(overlay, "Secret") == {}
    assert not [name for name in rendering.settings(overlay) if secret.search(name)]
    for name, container in rendering.containers(overlay):
        assert not [e for e in container.get("env", []) if secret.search(e["name"])], name
        if name != "proxy":
            sources = [next(iter(each)) for each in container["envFrom"]]
            assert sources == ["configMapRef", "secretRef"], name
            assert container["envFrom"][1]["secretRef"] == {"name": "dovecote"}


def queues_of(command: list[str]) -> set[str]:
    """The queues that a worker's command serves."""
    words = routing.expand(command[4:])
    options = dict(zip(words[::2], words[1::2], strict=True))
    if "-Q" in options:
        return set(options["-Q"].split(","))
    return set(ALL) - set(filter(None, options.get("-X", "").split(",")))


def workers(overlay: str) -> dict[str, list[str]]:
    commands = {
        name: rendering.main_container(overlay, name).get("command", []) for name in pods(overlay)
    }
    return {name: c for name, c in commands.items() if c[:4] == list(PROCESSES["worker"][:4])}


@each_overlay
def test_every_queue_is_served_once_and_new_ones_too(overlay):
    served = [queue for command in workers(overlay).values() for queue in queues_of(command)]

    assert sorted(served) == sorted(ALL)
    assert "-Q" not in workers(overlay)["worker"]


def test_large_has_a_deployment_for_work_on_files():
    assert set(workers("small")) == {"worker"}
    assert set(workers("large")) == {"worker", "uploader", "webhooks"}
    assert workers("large")["uploader"] == list(PROCESSES["uploader"])
    assert queues_of(workers("large")["uploader"]) == set(SLOW)


@each_overlay
def test_every_command_exists(overlay):
    for name, container in rendering.containers(overlay):
        if name == "proxy":
            continue
        words = " ".join(container["command"])
        asked = re.findall(r"python manage\.py (\w+)", words)
        assert set(asked) <= set(get_commands()), name
        if not asked:
            start = PROCESSES.get(name, PROCESSES["worker"])[:3]
            assert tuple(container["command"][:3]) == start, name


@each_overlay
def test_the_image_is_named_in_one_place(overlay):
    images = {c["image"] for name, c in rendering.containers(overlay) if name != "proxy"}
    written = [p for p in (rendering.FOLDER / "base").iterdir() if "newTag" in p.read_text()]

    assert len(images) == 1
    assert images.pop().endswith(f"dovecote:{product.VERSION}")
    assert [path.name for path in written] == ["kustomization.yaml"]
    assert (
        rendering.main_container(overlay, "proxy")["image"] == COMPOSE["services"]["proxy"]["image"]
    )


@each_overlay
def test_selectors_match_the_labels_of_pods(overlay):
    labels = {name: pod["metadata"]["labels"] for name, pod in pods(overlay).items()}
    for name, made in of_kind(overlay, "Deployment").items():
        assert rendering.selects(made["spec"]["selector"], labels[name])
        assert made["metadata"]["labels"][COMPONENT] == name
    for kind in ("Service", "PodDisruptionBudget"):
        for name, made in of_kind(overlay, kind).items():
            selector = made["spec"]["selector"]
            selector = selector if kind != "Service" else {"matchLabels": selector}
            assert [n for n in labels if rendering.selects(selector, labels[n])] == [name], kind
    spread = [c for pod in pods(overlay).values() for c in pod["spec"]["topologySpreadConstraints"]]
    for constraint in spread:
        assert all(rendering.selects(constraint["labelSelector"], each) for each in labels.values())


@each_overlay
def test_services_and_the_ingress_lead_to_ports_that_are_there(overlay):
    services = of_kind(overlay, "Service")
    for name, made in services.items():
        ports = {port["name"] for port in rendering.main_container(overlay, name)["ports"]}
        assert {port["targetPort"] for port in made["spec"]["ports"]} <= ports
    ingress = of_kind(overlay, "Ingress")["dovecote"]["spec"]
    [rule] = ingress["rules"]
    [path] = rule["http"]["paths"]
    host = rendering.settings(overlay)["PUBLIC_URL"].removeprefix("https://")

    assert path["backend"]["service"] == {"name": "proxy", "port": {"name": "http"}}
    assert [rule["host"]] == ingress["tls"][0]["hosts"] == [host]
    # As the Caddyfile finds them.
    assert services["web"]["spec"]["ports"][0]["port"] == 8000
    assert services["flower"]["spec"]["ports"][0]["port"] == 5555


@each_overlay
def test_probes_ask_what_exists(overlay):
    for name, pod in pods(overlay).items():
        [container] = pod["spec"]["containers"]
        probes = {key: each for key, each in container.items() if key.endswith("Probe")}
        assert bool(probes) is (name != "migrate")
        for key, probe in probes.items():
            if "httpGet" in probe:
                assert probe["httpGet"]["path"] in PROBES
                assert probe["httpGet"]["port"] in {port["name"] for port in container["ports"]}
            if "exec" in probe:
                words = probe["exec"]["command"][-1].split()
                assert words[:4] == ["exec", "python", "-m", "config.queue.heartbeats"]
                assert ("--restart" in words) is (key == "livenessProbe")
                assert words[4] == f"{node(name, container['command'])}@$HOSTNAME"


def node(name: str, command: list[str]) -> str:
    """The first part of what the process calls itself in its heartbeats."""
    if "-n" in command:
        return command[command.index("-n") + 1].removesuffix("@%h")
    return "celery" if name == "worker" else name


@each_overlay
def test_a_process_has_time_to_finish(overlay):
    seconds = {
        name: pod["spec"].get("terminationGracePeriodSeconds", 30)
        for name, pod in pods(overlay).items()
    }
    pause = rendering.main_container(overlay, "web")["lifecycle"]["preStop"]["sleep"]["seconds"]

    assert seconds["web"] >= pause + product.WEB_STOP_SECONDS + 5
    for name in workers(overlay):
        assert seconds[name] > max(adapter.deadline_seconds for adapter in ADAPTERS.values())
        assert seconds[name] == int(COMPOSE["services"]["worker"]["stop_grace_period"][:-1])


@each_overlay
def test_a_process_that_is_still_starting_stops_when_asked(overlay):
    """As the first process of a pod it would ignore SIGTERM until it has a handler."""
    ours = [each["spec"] for name, each in pods(overlay).items() if name != "proxy"]

    assert len(ours) > 4
    assert all(spec["shareProcessNamespace"] for spec in ours)


@each_overlay
def test_no_pod_may_more_than_it_needs(overlay):
    for name, pod in pods(overlay).items():
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        # A service `web` would set WEB_PORT to an address.
        assert spec["enableServiceLinks"] is False, name
    for name, container in rendering.containers(overlay):
        held = container["securityContext"]
        assert held["readOnlyRootFilesystem"] is True
        assert held["allowPrivilegeEscalation"] is False
        assert held["capabilities"]["drop"] == ["ALL"]
        assert held["capabilities"].get("add", []) == (["NET_BIND_SERVICE"] * (name == "proxy"))
        assert {"cpu", "memory"} <= set(container["resources"]["requests"])
        assert "memory" in container["resources"]["limits"]


def test_the_user_is_the_images():
    [command] = re.findall(r"useradd .*", (ROOT / "deploy/Dockerfile").read_text())
    [uid] = re.findall(r"--uid (\d+)", command)

    for pod in pods("large").values():
        assert pod["spec"]["securityContext"]["runAsUser"] == int(uid)


@each_overlay
def test_files_on_their_way_have_room(overlay):
    for name in ("web", "worker"):
        volumes = {each["name"]: each for each in pods(overlay)[name]["spec"]["volumes"]}
        gib = int(volumes["spool"]["emptyDir"]["sizeLimit"].removesuffix("Gi"))
        assert gib * 2**30 > product.WEB_SPOOL_BYTES


def test_stored_files_are_shared_by_all_that_use_them():
    for name in ("web", "worker"):
        mounts = rendering.main_container("small", name)["volumeMounts"]
        assert {"name": "media", "mountPath": "/var/lib/dovecote/media"} in mounts
    assert of_kind("large", "PersistentVolumeClaim") == {}
    assert rendering.settings("large")["MEDIA_S3_BUCKET"]


def test_every_process_waits_for_its_tables():
    for name, pod in pods("large").items():
        first = [each["name"] for each in pod["spec"].get("initContainers", [])]
        # Flower and the proxy read none.
        expected = [] if name in ("migrate", "flower", "proxy") else ["wait-for-migrations"]
        assert first == expected, name


@pytest.mark.parametrize("overlay", ["large", "operators"])
def test_every_autoscaler_scales_a_deployment_and_no_two_the_same(overlay):
    scaled = [
        each["spec"]["scaleTargetRef"]["name"]
        for kind in ("HorizontalPodAutoscaler", "ScaledObject")
        for each in of_kind(overlay, kind).values()
    ]
    assert sorted(scaled) == ["uploader", "web", "webhooks", "worker"]
    for name in scaled:
        assert "replicas" not in of_kind(overlay, "Deployment")[name]["spec"]
