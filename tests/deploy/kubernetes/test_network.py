"""Who may speak with whom, as the network policies say, and what Prometheus and KEDA ask."""

import re
from functools import cache
from ipaddress import ip_address, ip_network

import pytest

from platforms.downloads import fetch
from tests import programs
from tests.deploy.kubernetes import rendering
from tests.deploy.kubernetes.rendering import COMPONENT, OVERLAYS, Object, of_kind, pods
from tests.deploy.proxying import CADDYFILE, caddy

#: Where clouds tell their machines' secrets.
METADATA = ("169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192")
METADATA_6 = ("fd00:ec2::254", "fd20:ce::254", "fe80::a9fe:a9fe")
PUBLIC = ("8.8.8.8", "2606:4700::1111")
#: PostgreSQL, PgBouncer, Redis and its Sentinels.
STORES = {5432, 6432, 6379, 26379}
pytestmark = pytest.mark.needs("kustomize")
each_overlay = pytest.mark.parametrize("overlay", OVERLAYS)


@cache
def rules(overlay: str, pod: str, direction: str) -> list[Object]:
    """The rules that apply to a pod, of all policies together. `direction`: ingress or egress."""
    labels = pods(overlay)[pod]["metadata"]["labels"]
    applied = [
        policy["spec"]
        for policy in of_kind(overlay, "NetworkPolicy").values()
        if rendering.selects(policy["spec"]["podSelector"], labels)
        and direction.title() in policy["spec"]["policyTypes"]
    ]
    assert applied, f"{pod} is open: no policy applies"
    return [rule for spec in applied for rule in spec.get(direction, [])]


def allows(block: Object, text: str) -> bool:
    address = ip_address(text)
    return (
        address.version == ip_network(block["cidr"]).version
        and address in ip_network(block["cidr"])
        and not any(address in ip_network(each) for each in block.get("except", []))
    )


def reaches(overlay: str, pod: str, address: str) -> set[int]:
    """The ports at which a pod reaches an address outside of the cluster."""
    return {
        port["port"]
        for rule in rules(overlay, pod, "egress")
        for peer in rule["to"]
        if "ipBlock" in peer and allows(peer["ipBlock"], address)
        for port in rule["ports"]
    }


def peers(overlay: str, pod: str) -> list[Object]:
    """Who may connect to a pod."""
    return [peer for rule in rules(overlay, pod, "ingress") for peer in rule["from"]]


@each_overlay
def test_no_pod_reaches_a_clouds_metadata(overlay):
    for pod in pods(overlay):
        for address in (*METADATA, *METADATA_6):
            assert reaches(overlay, pod, address) == set(), (pod, address)


@each_overlay
def test_who_speaks_with_networks_and_customers_reaches_them_and_no_one_else_does(overlay):
    for pod in pods(overlay):
        is_out = pod in ("web", "worker", "uploader", "webhooks")
        for address in PUBLIC:
            stores = set() if pod == "proxy" else STORES
            assert reaches(overlay, pod, address) == (fetch.PORTS if is_out else set()) | stores


@each_overlay
def test_every_process_reaches_the_database_and_names(overlay):
    for pod in pods(overlay):
        found = rules(overlay, pod, "egress")
        inside = {
            port["port"]
            for rule in found
            if {"namespaceSelector": {}} in rule["to"]
            for port in rule["ports"]
        }
        assert inside == (set() if pod == "proxy" else STORES)
        assert any({"protocol": "UDP", "port": 53} in rule["ports"] for rule in found)


@each_overlay
def test_only_the_proxy_is_reached_from_the_ingress(overlay):
    [outside] = peers(overlay, "proxy")
    assert set(outside) == {"namespaceSelector"}
    assert outside["namespaceSelector"]["matchLabels"]
    behind = {"podSelector": {"matchLabels": {COMPONENT: "proxy"}}}
    for pod in ("web", "flower"):
        scrapers = [peer for peer in peers(overlay, pod) if peer != behind]
        assert behind in peers(overlay, pod)
        assert len(scrapers) == (overlay == "operators" and pod == "web")
    for pod in set(pods(overlay)) - {"proxy", "web", "flower"}:
        assert peers(overlay, pod) == [], pod


@each_overlay
def test_the_proxy_reaches_what_is_behind_it(overlay):
    egress = rules(overlay, "proxy", "egress")
    for pod in ("web", "flower"):
        to = {"podSelector": {"matchLabels": {COMPONENT: pod}}}
        [rule] = [rule for rule in egress if to in rule["to"]]
        port = rendering.main_container(overlay, pod)["ports"][0]["name"]
        assert rule["ports"] == [{"protocol": "TCP", "port": port}]


def test_the_policies_let_the_scrape_in():
    [monitor] = of_kind("operators", "ServiceMonitor").values()
    [endpoint] = monitor["spec"]["endpoints"]
    service = of_kind("operators", "Service")["web"]
    namespace = {"kubernetes.io/metadata.name": "monitoring"}

    assert rendering.selects(monitor["spec"]["selector"], service["metadata"]["labels"])
    assert endpoint["port"] in {port["name"] for port in service["spec"]["ports"]}
    assert endpoint["path"] == "/metrics"
    assert endpoint["authorization"]["credentials"] == {"name": "dovecote", "key": "METRICS_TOKEN"}
    assert {"namespaceSelector": {"matchLabels": namespace}} in peers("operators", "web")


def test_a_scrape_is_one_target_with_the_job_of_the_alerts():
    [monitor] = of_kind("operators", "ServiceMonitor").values()
    [endpoint] = monitor["spec"]["endpoints"]
    changed = {each.get("targetLabel"): each for each in endpoint["relabelings"]}
    port = of_kind("operators", "Service")["web"]["spec"]["ports"][0]["port"]

    assert changed["__address__"]["replacement"] == f"$1.svc:{port}"
    assert changed["job"]["replacement"] == "dovecote"
    # What would tell two pods apart.
    assert {"pod", "node"} <= set(changed[None]["regex"].split("|"))


@pytest.mark.needs("caddy")
def test_the_proxys_configuration_is_valid_as_it_is_given(tmp_path):
    command, buffers = caddy()
    env = {
        each["name"]: each["value"] for each in rendering.main_container("large", "proxy")["env"]
    }
    [given] = [
        each["data"] for n, each in of_kind("large", "ConfigMap").items() if n.startswith("proxy")
    ]
    home = {"XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)}
    checked = programs.run(
        [command, "validate", "--adapter", "caddyfile", "--config", CADDYFILE],
        env={**env, **buffers, **home},
    )

    assert given == {"Caddyfile": CADDYFILE.read_text()}
    assert checked.returncode == 0, checked.stderr
    port = rendering.main_container("large", "proxy")["ports"][0]["containerPort"]
    assert re.fullmatch(rf"http://:{port}", env["SITE_ADDRESS"])
