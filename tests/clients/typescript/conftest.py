import os
import re
import shutil
from collections.abc import Iterator

import pytest

from deploy.clients.document import ROOT
from tests.clients.typescript.package import Program, installed

README = ROOT / "deploy" / "clients" / "typescript" / "README.md"


@pytest.fixture(scope="session")
def program() -> Iterator[Program]:
    home = ROOT / ".dovecote" / f"test-typescript-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    yield installed(home, first_example())
    shutil.rmtree(home)


def first_example() -> str:
    """The README's first example, as it stands."""
    found = re.search(r"```ts\n(.*?)```", README.read_text(), re.DOTALL)
    assert found, "README.md has no example."
    return found[1]
