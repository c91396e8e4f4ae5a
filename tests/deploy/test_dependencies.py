"""Nothing is installed that is not pinned by its hash."""

import re

import pytest

from tests.deploy.conftest import ROOT

PINS = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("requirements*.txt"))
PINS += ["deploy/image/requirements-sbom.txt", "deploy/local/requirements-uv.txt"]
PINS += ["tests/deploy/simulator/clients/requirements.txt"]
#: What installs from them.
INSTALLERS = ("deploy/Dockerfile", "deploy/systemd/install", "deploy/local/install.py", "Makefile")
INSTALLERS += ("tests/deploy/simulator/clients/install.py",)


@pytest.mark.parametrize("name", PINS)
def test_every_package_has_one_version_and_its_hashes(name):
    lines = re.sub(r"\\\n\s*", "", (ROOT / name).read_text()).splitlines()
    packages = [line for line in lines if line.strip() and not line.strip().startswith("#")]

    assert packages
    pinned = r"[\w.-]+(\[[\w, -]+\])?==[\w.]+( ; .+)? --hash=sha256:[0-9a-f]{64}"
    assert [each for each in packages if not re.match(pinned, each)] == []


@pytest.mark.parametrize("name", INSTALLERS)
def test_each_installer_asks_for_their_hashes(name):
    lines = (ROOT / name).read_text().splitlines()
    installs = [line for line in lines if re.search(r'pip.* install .*-r |"-r", str', line)]

    assert installs
    assert [line for line in installs if "--require-hashes" not in line] == []
