"""Sizes at which a file of a few rows is a large one."""

import pytest

from posts.features.importing import worker
from posts.features.importing.formats import files
from tests.posts.features.importing.large_files import AT_ONCE, STEP_ROWS


@pytest.fixture
def small_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "FILES_SECONDS", 0)
    monkeypatch.setattr(worker, "STEP_ROWS", STEP_ROWS)
    monkeypatch.setattr(files, "ADVISED_ROWS", AT_ONCE)
