"""deploy/README.md may not tell an operator what does not work."""

import io
import re
import shlex
import subprocess

import pytest
import yaml
from django.contrib.auth.models import User
from django.core.management import call_command

from posts.models import ApiKey, Workspace
from tests.deploy.kubernetes import rendering
from tests.deploy.test_compose import COMPOSE, ROOT

GUIDE = (ROOT / "deploy/README.md").read_text()
#: What no process starts without (deploy/env.example, "Required").
REQUIRED = {
    "SECRET_KEY",
    "CREDENTIAL_KEYS",
    "DATABASE_URL",
    "REDIS_URL",
    "PUBLIC_URL",
    "ALLOWED_HOSTS",
}
COMMANDS = [line.strip() for line in GUIDE.splitlines() if line.startswith("    ")]


def manage(name: str) -> list[str]:
    """The words of the guide's command of that name."""
    (found,) = {line for line in COMMANDS if f"manage.py {name}" in line}
    return shlex.split(found.partition("manage.py ")[2])


@pytest.mark.django_db(transaction=True)
def test_an_operator_and_a_first_key_are_made_by_its_commands(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a long enough pass phrase")
    monkeypatch.setenv("DJANGO_SUPERUSER_USERNAME", "ada")
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "ada@example.com")
    call_command(*manage("createsuperuser"), "--noinput")
    said = io.StringIO()
    call_command(*manage("create_api_key"), stdout=said)
    call_command(*manage("check_consistency"), stdout=io.StringIO())

    assert User.objects.get(is_superuser=True).username == "ada"
    assert (Workspace.objects.get().name, ApiKey.objects.get().name) == ("Acme", "first program")
    assert said.getvalue().startswith("pe_live_")


def test_every_file_that_it_names_is_there():
    named = set(re.findall(r"\]\(([\w.]+)\)", GUIDE))
    scripts = set(re.findall(r"^    (deploy/[\w-]+\.sh)", GUIDE, re.M))

    assert {f"deploy/{name}" for name in named} | scripts >= {
        "deploy/RUNBOOK.md",
        "deploy/PLATFORMS.md",
        "deploy/UPGRADING.md",
        "deploy/backup.sh",
        "deploy/restore.sh",
        "deploy/new-env.sh",
    }
    for path in [*(f"deploy/{name}" for name in named), *scripts]:
        assert (ROOT / path).exists(), path


def test_every_service_and_address_that_it_names_is_composes():
    asked = re.findall(r"deploy/compose\.yaml (?:exec|run --rm|logs(?: --since 1h)?) (\w+)", GUIDE)
    flower = COMPOSE["services"]["flower"]["environment"]["FLOWER_URL"]

    assert {"migrate", "proxy", "web", "worker"} <= set(asked) <= COMPOSE["services"].keys()
    assert f"https://dovecote.example.com{flower}/" in GUIDE


@pytest.mark.needs("kustomize", "openssl")
def test_the_secrets_and_the_settings_of_kubernetes_are_all_that_a_start_needs(tmp_path):
    file = tmp_path / "dovecote.env"
    subprocess.run([ROOT / "deploy/new-env.sh", "posts.example.com", file], check=True)
    (command,) = (line for line in COMMANDS if line.startswith("grep -E"))
    made = subprocess.check_output(shlex.split(command.partition(" >")[0]), cwd=tmp_path, text=True)
    secrets = {line.partition("=")[0] for line in made.splitlines()}

    assert secrets | set(rendering.settings("large")) >= REQUIRED
    assert not secrets & set(rendering.settings("large"))


def test_the_rules_of_kubernetes_are_the_alerts():
    (begun,) = re.findall(r"    \{ (printf '[^']+')\n", GUIDE)
    head = subprocess.check_output(["sh", "-c", begun], text=True)
    alerts = (ROOT / "deploy/observability/alerts.yml").read_text()
    made = yaml.safe_load(head + re.sub("^", "  ", alerts, flags=re.M))

    assert (made["kind"], made["spec"]) == ("PrometheusRule", yaml.safe_load(alerts))


@pytest.mark.parametrize("script", ["backup.sh", "restore.sh"])
def test_the_scripts_speak_to_composes_database_and_files(script):
    text = (ROOT / "deploy" / script).read_text()
    database = COMPOSE["services"]["postgres"]["environment"]
    volume = next(v for v in COMPOSE["x-dovecote"]["volumes"] if v.startswith("media:"))

    assert (database["POSTGRES_USER"], database["POSTGRES_DB"]) == ("dovecote", "dovecote")
    assert re.search(r"exec -T postgres .*-U dovecote .*dovecote", text)
    assert f"tar -C {volume.partition(':')[2]} " in text
    stopped = re.findall(r"compose stop (.+)", text)
    assert not stopped or set(stopped[0].split()) <= COMPOSE["services"].keys()


def product() -> str:
    names = subprocess.check_output(
        ["git", "ls-files", "config", "posts", "destinations", "platforms"], cwd=ROOT, text=True
    ).split()
    return "\n".join((ROOT / name).read_text() for name in names if name.endswith((".py", ".html")))


def test_the_runbook_names_metrics_log_lines_and_settings_that_exist():
    text = (ROOT / "deploy/RUNBOOK.md").read_text()
    code = product() + (ROOT / "deploy/env.example").read_text()
    told = {name for name in re.findall(r"`(\w+)[` >=]", text) if "_" in name}
    # PostgreSQL's own program, and the extension that searching needs.
    told -= {"pg_upgrade", "pg_trgm"}

    assert len(told) > 40
    assert (
        sorted(
            name
            for name in told
            if name.removeprefix("dovecote_").removesuffix("_total") not in code
        )
        == []
    )


def test_the_runbook_quotes_what_the_admin_says():
    text = (ROOT / "deploy/RUNBOOK.md").read_text()
    headings = set(re.findall(r"^#+ (.+)$", text, re.M))
    quoted = {name.rstrip(".,") for name in re.findall(r'(?<![=\w])"([A-Z][^"]+)"', text)}
    bold = set(re.findall(r"\*\*(.+?)\*\*", text))

    assert len(quoted | bold) > 25
    code = re.sub(r'"\s*\n\s*"', "", product()).lower()
    said = {name.lower() for name in (quoted | bold) - headings}
    assert sorted(name for name in said if name not in code) == []
