"""The README's first example works exactly as it stands there."""

import os
import re
import sys
from pathlib import Path

import pytest

from deploy.clients.builders.python import HERE
from tests import programs
from tests.clients.published.ground import Ground
from tests.platforms.driver import image


@pytest.mark.thorough
def test_the_first_example_publishes_and_prints_the_links(
    site: Path, ground: Ground, tmp_path: Path
):
    example = re.findall(r"```python\n(.*?)```", (HERE / "README.md").read_text(), re.DOTALL)[0]
    (tmp_path / "picture.jpg").write_bytes(image(640, 640, "JPEG"))

    done = programs.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(site),
            "DOVECOTE_URL": ground.stack.url,
            "DOVECOTE_API_KEY": ground.key,
        },
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [["x", "published"], ["linkedin", "published"]]
    assert all("https://" in line for line in lines)
    assert ground.on_the_wall("Hello from Python") == ground.places()
