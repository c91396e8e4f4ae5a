"""The shell scripts of deploy/ and CI, as shellcheck reads them."""

import shutil
import subprocess
from pathlib import PurePath

import pytest

from tests.deploy.conftest import ROOT
from tests.deploy.kinds import files

SCRIPTS = [*files("shellcheck"), PurePath(".ci/run")]


@pytest.mark.parametrize("script", SCRIPTS, ids=str)
def test_shellcheck_finds_nothing(script):
    program = shutil.which("shellcheck")
    assert program, "apt-get install shellcheck (see .ci/run)."
    checked = subprocess.run(
        [program, str(script)], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout
    assert (ROOT / script).stat().st_mode & 0o111
