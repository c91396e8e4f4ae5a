"""What tests read off the overview."""

from config.admin.overview.networks import NetworkCell
from config.admin.overview.verdict import VerdictLine


def look(client) -> dict:
    page = client.get("/admin/")
    assert page.status_code == 200
    return page.context


def lines(client) -> dict[str, VerdictLine]:
    """The verdict's lines by their topics."""
    return {line.topic: line for line in look(client)["lines"]}


def cells(client, network: str) -> dict[str, NetworkCell]:
    """The cells of a network's row by their labels."""
    row = next(row for row in look(client)["networks"] if row.key == network)
    return {cell.label: cell for cell in row.cells}


def states(client) -> dict[str, str]:
    """Each network that is not fine, and what it is."""
    return {row.key: row.state for row in look(client)["networks"] if row.state != "Fine"}
