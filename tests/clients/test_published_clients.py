"""The original service's clients, unmodified: every call that has an endpoint, field by field.

One test a client: what takes long is the stack that it speaks to.
"""

from pathlib import Path
from types import ModuleType

import pytest

from tests.acceptance.stack import Stack
from tests.clients.published import cli, mcp, n8n, sdk, table
from tests.clients.published.ground import ground

pytestmark = pytest.mark.needs("node", "npm")
CLIENTS = {"sdk": sdk, "mcp": mcp, "cli": cli, "n8n": n8n}


@pytest.mark.parametrize("name", CLIENTS)
def test_it_does_every_call_and_the_table_says_so(name: str, stack: Stack, tmp_path: Path):
    client: ModuleType = CLIENTS[name]
    with ground(stack) as around:
        journal = client.play(around, tmp_path)

    assert not journal.problems, "\n".join(journal.problems)
    assert table.column(journal) == table.written()[name], (
        "python -m tests.clients.published writes it again."
    )
