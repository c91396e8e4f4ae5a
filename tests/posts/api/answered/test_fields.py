"""The fields of every answer, as two tables that only change on purpose.

`reference.txt` was made before there was a second mount. Programs that read /api/v1 rely on it: no
line of it may go or change. `compat.txt` is what the published clients read. `test_as_described`
holds the answers to the documents.
"""

import re
from pathlib import Path

from config.web.documentation import COMPAT, document
from destinations.accounts import health
from tests.posts.api.answered import table

HERE = Path(__file__).parent
#: Fields that the reference mount got later: each is absent unless the caller asked for it.
LATER = {
    "metadata?",
    "queue_id?",
    "message?",
    "platforms?",
    "recurrence_id?",
    "occurrence_date?",
    "recycled_from?",
    "recycling?",
    "approval?",
    "approval_mode",
    "hashtag_set_ids?",
}
#: Keys got a scope for approving. Credits have no limit only where the operator added a provider
#: of AI; without one it is 0 still.
WIDENED = {
    "get_me 200 data.quota.ai_credits.limit: integer or null": (
        "get_me 200 data.quota.ai_credits.limit: integer"
    ),
    "get_me 200 data.api_key.scopes[]: read|write|ai|approve": (
        "get_me 200 data.api_key.scopes[]: read|write|ai"
    ),
    "get_me 200 data.scopes[]: read|write|ai|approve": "get_me 200 data.scopes[]: read|write|ai",
}
#: What the document says of the same values since then: which are addresses, and which reasons
#: there are.
SAID_LATER = {
    "string(uri) or null": "string or null",
    "source_url: string(uri)": "source_url: string",
    "|".join(health.REASONS): "string",
}


def frozen(mount: str) -> list[str]:
    return (HERE / f"{mount}.txt").read_text().splitlines()


def is_later(line: str) -> bool:
    path = line.split(" ")[2].rstrip(":")
    return not LATER.isdisjoint(re.split(r"[.\[\]]+", path))


def operation(line: str) -> str:
    return line.split(" ")[0]


def as_it_was(line: str) -> str:
    for later, before in SAID_LATER.items():
        line = line.replace(later, before)
    return WIDENED.get(line, line)


def test_the_reference_mount_has_exactly_the_fields_that_it_had():
    before = frozen("reference")
    known = set(map(operation, before))
    now = [
        as_it_was(line)
        for line in table.lines(document())
        if operation(line) in known and not is_later(line)
    ]

    assert now == before


def test_the_compatibility_mount_has_exactly_the_fields_that_clients_read():
    assert differing(table.lines(document(COMPAT))) == frozen("compat")


def differing(lines: list[str]) -> list[str]:
    """Without the operations that have one shape on both mounts."""
    reference = table.lines(document())
    same = {
        name
        for name in map(operation, lines)
        if [each for each in lines if operation(each) == name]
        == [each for each in reference if operation(each) == name]
    }
    return [line for line in lines if operation(line) not in same]
