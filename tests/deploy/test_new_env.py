"""The file of settings that a new installation begins with."""

import subprocess
from pathlib import Path

import pytest

from tests.deploy.conftest import ROOT


def make(file: Path) -> "subprocess.CompletedProcess[str]":
    command = [str(ROOT / "deploy/new-env.sh"), "posts.example.org", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def read(file: Path) -> dict[str, str]:
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


@pytest.mark.needs("openssl")
def test_a_new_installation_passes_every_check_with_secrets_of_its_own(tmp_path, check):
    made = [tmp_path / "one", tmp_path / "two"]
    for file in made:
        assert make(file).returncode == 0
    one, two = (read(file) for file in made)

    assert check(**one) == ""
    assert one["PUBLIC_URL"] == "https://posts.example.org"
    assert one["POSTGRES_PASSWORD"] in one["DATABASE_URL"]
    assert f":{one['REDIS_PASSWORD']}@" in one["REDIS_URL"]
    assert "" not in one.values()
    secret = {name for name in one if one[name] != two[name]}
    assert secret == {
        "SECRET_KEY",
        "CREDENTIAL_KEYS",
        "POSTGRES_PASSWORD",
        "DATABASE_URL",
        "REDIS_PASSWORD",
        "REDIS_URL",
        "METRICS_TOKEN",
    }
    assert made[0].stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "CREDENTIAL_KEYS=the-only-one\n"])
def test_keys_that_are_there_are_never_overwritten(tmp_path, text):
    file = tmp_path / ".env"
    file.write_text(text)

    refused = make(file)

    assert refused.returncode == 1
    assert "exists" in refused.stderr
    assert file.read_text() == text
