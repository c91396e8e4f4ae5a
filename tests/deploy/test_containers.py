"""Every form runs a process as an ordinary user without capabilities, on files it cannot change."""

import re

import pytest
import yaml

from tests.deploy.conftest import ROOT

DEPLOY = ROOT / "deploy"
SERVICES = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
#: Other people's images, which become their own user themselves and write their data.
STORES = {"postgres", "valkey"}
BASE = DEPLOY / "kubernetes/base"
#: Of one pattern of units. An empty list of capabilities takes every one away.
HARDENED = {
    "User": "dovecote",
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "AmbientCapabilities": "",
    "ProtectSystem": "strict",
}


def read(name: str) -> dict:
    return next(yaml.safe_load_all((BASE / name).read_text()))


def test_the_image_runs_as_an_ordinary_user():
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    [uid] = re.findall(r"useradd --uid (\d+)", dockerfile)

    last_stage = dockerfile.rpartition("\nFROM ")[2]
    assert int(uid) > 0
    assert re.findall(r"^USER (.+)$", last_stage, re.M) == [uid]


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - STORES))
def test_a_container_of_compose_has_no_capabilities_and_changes_no_file(name):
    service = SERVICES[name]

    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])
    assert "user" not in service
    assert not service.get("privileged")


@pytest.mark.parametrize("name", ["process.yaml", "wait-for-migrations.yaml", "proxy.yaml"])
def test_a_container_of_kubernetes_has_no_capabilities_and_changes_no_file(name):
    spec = read(name)["spec"]["template"]["spec"]
    [container] = [*spec.get("initContainers", []), *spec.get("containers", [])]

    held = container["securityContext"]
    added = {"add": ["NET_BIND_SERVICE"]} if name == "proxy.yaml" else {}
    assert held["allowPrivilegeEscalation"] is False
    assert held["readOnlyRootFilesystem"] is True
    assert held["capabilities"] == {"drop": ["ALL"], **added}


def test_every_pod_of_kubernetes_gets_a_user_and_what_its_process_may():
    pod = read("pod.yaml")["spec"]["template"]["spec"]["securityContext"]
    assert (pod["runAsNonRoot"], pod["runAsUser"]) == (True, 10001)

    patches = read("kustomization.yaml")["patches"]
    given = {(each["path"], *each["target"].values()) for each in patches}
    assert {
        ("pod.yaml", "Deployment"),
        ("pod.yaml", "Job"),
        ("process.yaml", "Deployment", "app.kubernetes.io/component!=proxy"),
        ("process.yaml", "Job"),
    } <= given


def test_no_file_of_kubernetes_takes_that_back():
    words = r"privileged: true|runAsUser: 0|runAsNonRoot: false|readOnlyRootFilesystem: false"
    for path in (DEPLOY / "kubernetes").rglob("*.yaml"):
        assert re.findall(words, path.read_text()) == [], path


def test_a_unit_of_systemd_has_no_capabilities_and_changes_no_file():
    [drop_in] = (DEPLOY / "systemd/dovecote-.service.d").iterdir()
    lines = re.findall(r"^(\w+)=(.*)$", drop_in.read_text(), re.M)

    assert {name: value for name, value in lines if name in HARDENED} == HARDENED
    for path in (DEPLOY / "systemd").glob("*.service"):
        said = dict(re.findall(r"^(\w+)=(.*)$", path.read_text(), re.M))
        assert said.keys() & HARDENED.keys() == set(), path


@pytest.mark.parametrize("file", sorted(DEPLOY.glob("compose*.yaml")), ids=lambda file: file.name)
def test_no_container_gains_rights_or_fills_the_machine_with_processes(file):
    text = re.sub("!override", "", file.read_text())
    for name, service in yaml.safe_load(text)["services"].items():
        if "image" in service:
            assert service["security_opt"] == ["no-new-privileges:true"], name
            assert service["pids_limit"] <= 1024, name


def test_valkey_asks_for_the_password_of_the_settings():
    valkey = SERVICES["valkey"]
    command = valkey["command"]
    assert command[command.index("--requirepass") + 1] == "${REDIS_PASSWORD:-}"
    assert valkey["environment"] == {"REDISCLI_AUTH": "${REDIS_PASSWORD:-}"}
