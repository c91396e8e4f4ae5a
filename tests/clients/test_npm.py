"""What is installed from npm is pinned, and no registry is named."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("tests/clients", "tests/real", "deploy/clients")
LOCKS = sorted(lock for name in FOLDERS for lock in (ROOT / name).glob("*/package-lock.json"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.parent.relative_to(ROOT)))
def test_every_package_has_a_version_and_a_hash_and_no_address(lock):
    packages = json.loads(lock.read_text())["packages"]
    wanted = packages.pop("")

    assert "://" not in lock.read_text()
    for name, package in packages.items():
        assert re.fullmatch(r"\d[\w.-]*", package["version"]), name
        assert package["integrity"].startswith("sha512-"), name
    for name, version in {
        **wanted.get("dependencies", {}),
        **wanted.get("devDependencies", {}),
    }.items():
        assert packages[f"node_modules/{name}"]["version"] == version
