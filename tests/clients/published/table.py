"""What each client does, as a table in posts/api/MIGRATING.md, between its two markers."""

from collections.abc import Mapping
from pathlib import Path

from tests.clients.published.journal import OK, Journal

DOCUMENT = Path(__file__).resolve().parents[3] / "posts" / "api" / "MIGRATING.md"
BEGIN, END = "<!-- published clients: begin -->\n", "<!-- published clients: end -->\n"
#: The heads of the columns, by the names of the modules that play the clients.
HEADS = {"sdk": "SDK 1.4.2", "mcp": "MCP server 1.7.0", "cli": "CLI 0.3.1", "n8n": "n8n node"}
#: Cells by call.
Column = dict[str, str]


def column(journal: Journal) -> Column:
    """Return the calls of a client that have an endpoint, with how each ended unless it is fine."""
    found: dict[str, list[str]] = {}
    for each in journal.calls:
        if each.endpoint:
            cell = each.method if each.outcome == OK else f"{each.method}: {each.outcome}"
            found.setdefault(each.endpoint, []).append(cell)
    return {endpoint: "; ".join(cells) for endpoint, cells in found.items()}


def written() -> dict[str, Column]:
    """The columns that the document has, by client."""
    rows = [
        [cell.strip() for cell in line.strip("|\n").split(" | ")]
        for line in _between().splitlines()[2:]
    ]
    return {
        client: {row[0].strip("` "): row[place] for row in rows if row[place]}
        for place, client in enumerate(HEADS, start=1)
    }


def write(columns: Mapping[str, Column]) -> None:
    text = DOCUMENT.read_text()
    DOCUMENT.write_text(text.replace(BEGIN + _between(), BEGIN + rendered(columns)))


def rendered(columns: Mapping[str, Column]) -> str:
    endpoints = dict.fromkeys(each for found in columns.values() for each in found)
    rows = [
        [f"`{endpoint}`", *(columns[client].get(endpoint, "") for client in HEADS)]
        for endpoint in sorted(endpoints, key=_by_path)
    ]
    lines = [["call", *HEADS.values()], ["---"] * (len(HEADS) + 1), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _by_path(endpoint: str) -> tuple[str, str]:
    verb, _, path = endpoint.partition(" ")
    return path, verb


def _between() -> str:
    return DOCUMENT.read_text().split(BEGIN)[1].split(END)[0]
