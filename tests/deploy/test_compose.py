import json
import os
import re
import sys
from datetime import date
from importlib.resources import files

import jsonschema
import pytest
import yaml
from django.core.checks import WARNING

from config import checks
from config.queue.processes import PROCESSES, SERVES, STOP_SECONDS
from platforms.registry import ADAPTERS, APPS, VERSIONS
from tests import programs
from tests.deploy.conftest import PRODUCTION, ROOT
from tests.deploy.kubernetes import rendering
from tests.deploy.kubernetes.rendering import OVERLAYS

COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
#: Read by the files of compose themselves, and by Docker Compose to find them.
#: FORM is for deploy/systemd/install.
FOR_COMPOSE = {"COMPOSE_FILE", "FORM"}.union(
    *(
        re.findall(r"\$\{(\w+)", path.read_text())
        for path in (ROOT / "deploy").glob("compose*.yaml")
    )
)
SSO = {
    "OIDC_ISSUER": "https://sso.example",
    "OIDC_CLIENT_ID": "dovecote",
    "OIDC_CLIENT_SECRET": "secret",
    "OIDC_ROLES": "ops=On-call,bosses=Administrator",
}


def test_a_complete_production_environment_passes(check):
    assert check() == ""
    assert check(**SSO) == ""


@pytest.mark.needs("kustomize")
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_settings_of_kubernetes_pass(check, overlay):
    assert check(**rendering.settings(overlay)) == ""


def test_an_app_without_its_secret_is_refused_at_the_start(check):
    assert "X_CLIENT_SECRET" in check(X_CLIENT_ID="id")


def test_limits_that_cannot_be_read_are_refused_at_the_start(check):
    assert "RATE_LIMIT_POSTS: 'many' is not a limit" in check(RATE_LIMIT_POSTS="many")


def test_an_apps_secret_may_be_a_file(check, tmp_path):
    (tmp_path / "x").write_text("secret\n")
    assert check(X_CLIENT_ID="id", X_CLIENT_SECRET_FILE=str(tmp_path / "x")) == ""


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"SIMULATOR_URL": "http://127.0.0.1:8002"}, "dovecote.E001"),
        ({"CREDENTIAL_KEYS": "short"}, "dovecote.E002"),
        ({"PUBLIC_URL": "http://dovecote.example.com"}, "dovecote.E003"),
        ({"ALLOWED_HOSTS": "other.example.com"}, "dovecote.E004"),
        ({"ALLOWED_HOSTS": "*"}, "dovecote.E005"),
        ({"DEMO_ENV": "/var/lib/demo.env"}, "dovecote.E006"),
        ({"REDIS_URL": "redis://redis.example.com/0"}, "dovecote.W001"),
        ({"DATABASE_URL": "postgres://a:b@db.example.com/d"}, "dovecote.W001"),
        ({"SECRET_KEY": "short"}, "security.W009"),
        ({"OIDC_ISSUER": "https://sso.example"}, "dovecote.E007"),
        ({"OIDC_ONLY": "true"}, "dovecote.E008"),
        ({**SSO, "OIDC_ROLES": "ops=Boss"}, "dovecote.E009"),
        ({**SSO, "OIDC_ISSUER": "http://sso.example"}, "dovecote.E010"),
        ({"COMPAT_HOSTS": "compat.example.com"}, "dovecote.E011"),
        ({"WEB_HOST": "0.0.0.0"}, "dovecote.W002"),
        ({"WEB_TRUSTED_PROXIES": "127.0.0.1,192.168.0.0/16"}, "dovecote.W002"),
    ],
)
def test_a_half_configured_start_is_refused(check, change, code):
    assert code in check(**change)


def test_the_proxy_of_compose_is_alone_in_what_web_trusts(check):
    services, network = COMPOSE["services"], COMPOSE["networks"]["proxy"]
    (subnet,) = re.findall(r"[\d.]+/\d+", network["ipam"]["config"][0]["subnet"])
    trusted = services["web"]["environment"]["WEB_TRUSTED_PROXIES"]
    there = {name for name, each in services.items() if "proxy" in each.get("networks", ())}

    assert subnet in trusted
    assert services["proxy"]["networks"] == ["proxy"]
    assert there == {"proxy", "web", "flower"}
    said = re.sub(r"\$\{\w+:-(.+?)\}", r"\1", trusted)
    assert check(WEB_HOST="0.0.0.0", WEB_TRUSTED_PROXIES=said) == ""


def offered() -> dict[str, tuple[str, ...]]:
    """The SECURE_ options that env.example has for production, and what each may be set to."""
    example, _, _ = (ROOT / "deploy/env.example").read_text().partition("\n# Development only")
    return {
        name: ("true", "false") if default in ("true", "false") else ("0", default)
        for name, default in re.findall(r"^#(SECURE_\w+)=(.+)$", example, re.M)
    }


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in offered().items() for value in values]
)
def test_no_secure_option_that_is_offered_stops_the_start(check, name, value):
    """Compose migrates only where these checks pass."""
    assert check(**{name: value}) == ""


def test_hosts_beside_ours_are_bound_only_if_the_operator_says_so():
    assert {"SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD"} <= offered().keys()
    show = "from django.conf import settings as s;"
    show += "print(s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_HSTS_PRELOAD)"
    env = {**os.environ, **PRODUCTION, "DJANGO_SETTINGS_MODULE": "config.settings"}
    said = programs.run([sys.executable, "-c", show], cwd=ROOT, env=env, check=True)
    assert said.stdout == "31536000 False False\n"


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_no_service_fills_the_hosts_memory_or_its_disk_with_logs(name):
    service = COMPOSE["services"][name]

    assert service["mem_limit"]
    assert service["logging"]["options"] == {"max-size": "50m", "max-file": "5"}


def test_processes_that_are_still_starting_stop_when_asked():
    """As the first process of a container they would ignore SIGTERM until they have a handler."""
    ours = [one for one in COMPOSE["services"].values() if one["image"] == "dovecote"]

    assert len(ours) > 1
    assert all(service["init"] for service in ours)


def test_the_image_is_made_of_what_it_copies_and_of_nothing_else():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    dockerfile = (ROOT / "deploy/Dockerfile").read_text()
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.M)
    copied = [name for line in lines for name in line.split()]

    assert "*" in ignored
    assert {line[1:] for line in ignored if line.startswith("!")} == set(copied)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GRAPH_API_VERSION", "26"),
        ("LINKEDIN_API_VERSION", "v26.0"),
        ("THREADS_API_VERSION", "one"),
    ],
)
def test_a_version_that_cannot_be_one_is_refused_at_the_start(check, name, value):
    assert f"{name}: a version is" in check(**{name: value})


@pytest.mark.parametrize(
    ("today", "told"),
    [
        ("2026-11-25", []),
        ("2027-04-03", ["LINKEDIN_API_VERSION is 202608, which may be refused: "]),
        ("2027-08-01", ["LINKEDIN_API_VERSION is 202608, which may be refused by now: "]),
        ("2028-11-04", ["GRAPH_API_VERSION is v26.0, which may be", "LINKEDIN_API_VERSION is"]),
    ],
)
def test_the_end_of_an_api_version_is_told_and_stops_nothing(today, told):
    messages = list(checks.api_versions(today=date.fromisoformat(today)))

    assert all(message.level < WARNING for message in messages)
    assert len(messages) == len(told)
    for message, words in zip(messages, told, strict=True):
        assert message.msg.startswith(words)


@pytest.mark.parametrize(
    ("version", "end"),
    [("v22.0", "2027-05-20"), ("v23.0", "2027-10-08"), ("v24.0", "2028-02-18")],
)
def test_the_end_of_every_version_of_the_graph_api_is_known(settings, version, end):
    settings.API_VERSIONS = {"graph": version}

    (message,) = checks.api_versions(today=date.fromisoformat(end))

    assert message.msg.endswith(f"may be refused by now: it is promised until {end}.")


def test_any_check_tells_of_an_old_api_version():
    command = [sys.executable, "manage.py", "check", "--tag", "compatibility"]
    env = {**os.environ, **PRODUCTION, "GRAPH_API_VERSION": "v20.0"}
    done = programs.run(command, cwd=ROOT, env=env)
    assert (done.returncode, "GRAPH_API_VERSION is v20.0" in done.stderr) == (0, True)


def test_a_private_network_needs_no_tls(check):
    assert check(REDIS_URL="redis://valkey:6379/0", PRIVATE_NETWORK="true") == ""


def test_every_setting_is_explained_and_every_explained_setting_exists():
    calls = r"\b(?:text|flag|days|numbers?|parsed|words|pairs|secret)\(\s*\"(\w+)\""
    features = (ROOT / "posts" / "features").glob("*/__init__.py")
    settings = (ROOT / "config").rglob("settings.py")
    places = (*settings, ROOT / "config/env.py", *features)
    sources = [path.read_text() for path in places]
    read = set(re.findall(calls, "\n".join(sources)))
    read |= {f"{app}_CLIENT_{part}".upper() for app in APPS for part in ("ID", "SECRET")}
    read |= {f"{api}_API_VERSION".upper() for api in VERSIONS}
    example = (ROOT / "deploy/env.example").read_text()

    assert set(re.findall(r"^#?([A-Z0-9_]+)=", example, re.M)) == read | FOR_COMPOSE


def test_compose_is_valid():
    schema = files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"

    jsonschema.validate(COMPOSE, json.loads(schema.read_text()))


@pytest.mark.parametrize("name", PROCESSES)
def test_compose_starts_the_same_processes_as_up(name):
    assert COMPOSE["services"][name]["command"] == list(PROCESSES[name])


def test_the_proxy_has_the_limits_and_the_certificate_of_the_public_address():
    proxy = COMPOSE["services"]["proxy"]

    assert "./proxy/Caddyfile:/etc/caddy/Caddyfile:ro" in proxy["volumes"]
    assert "${PUBLIC_URL:?" in proxy["environment"]["SITE_ADDRESS"]
    assert COMPOSE["services"]["web"].get("ports") is None


def test_the_image_alone_is_web_as_compose_starts_it():
    dockerfile = (ROOT / "deploy/Dockerfile").read_text()
    assert f"\nCMD {json.dumps(PROCESSES['web'])}\n" in dockerfile


@pytest.mark.parametrize("name", SERVES)
def test_a_worker_that_is_told_to_stop_has_time_to_finish(name):
    seconds = int(COMPOSE["services"][name]["stop_grace_period"].removesuffix("s"))

    assert seconds == STOP_SECONDS > max(adapter.deadline_seconds for adapter in ADAPTERS.values())


def test_the_documents_say_how_long_a_worker_may_take_to_stop():
    longest = max(adapter.deadline_seconds for adapter in ADAPTERS.values())

    for name in ("SCALING.md", "UPGRADING.md", "RUNBOOK.md"):
        assert f"{STOP_SECONDS} s" in (ROOT / "deploy" / name).read_text(), name
    assert f"deadline of {longest:.0f} s" in (ROOT / "deploy/SCALING.md").read_text()


def test_only_the_proxy_is_reached_from_other_machines():
    services = COMPOSE["services"].items()
    ports = {name: service["ports"] for name, service in services if "ports" in service}

    assert set(ports) == {"proxy"}


def test_flower_is_behind_the_admins_login_and_changes_nothing():
    flower = COMPOSE["services"]["flower"]["environment"]

    assert flower["FLOWER_URL"] == f"/{flower['FLOWER_URL_PREFIX']}"
    assert flower["FLOWER_READ_ONLY"] == "true"
    assert COMPOSE["services"]["web"]["environment"]["FLOWER_URL"] == flower["FLOWER_URL"]
