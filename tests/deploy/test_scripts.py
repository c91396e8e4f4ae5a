"""The shell scripts of deploy/ and CI, as shellcheck reads them."""

from pathlib import PurePath

import pytest

from tests import programs
from tests.deploy.conftest import ROOT
from tests.deploy.kinds import files

SCRIPTS = [*files("shellcheck"), PurePath(".ci/run")]


@pytest.mark.needs("shellcheck")
def test_shellcheck_finds_nothing():
    checked = programs.run([programs.found("shellcheck"), *map(str, SCRIPTS)], cwd=ROOT)

    assert checked.returncode == 0, checked.stdout


def test_every_script_can_be_run():
    assert SCRIPTS
    assert [str(path) for path in SCRIPTS if not (ROOT / path).stat().st_mode & 0o111] == []
