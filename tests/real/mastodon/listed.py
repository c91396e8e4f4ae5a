"""Differences between the simulator and snac that stay, each with its reason."""

from collections.abc import Mapping

HTML = (
    "snac takes a text for HTML and shows what is left of it. A lost post is recognised by its "
    "source, or by what is left."
)
PUBLIC = "snac makes unlisted posts public, which the customer is told."
NO_POLL = "snac leaves polls out that come as JSON or as a form, which the customer is told."
STATUS = "snac answers a token that is none with 422 where Mastodon says 401; both are understood."
#: Case, and the beginning of the path of what differs → why.
LISTED: Mapping[tuple[str, str], str] = {
    ("refuse a token", "status"): STATUS,
    ("publish signs", "public[0].text"): HTML,
    ("publish what looks like HTML", "public[0].text"): HTML,
    ("lose what looks like HTML", "public[0].text"): HTML,
    ("publish unlisted", "ended.notes"): PUBLIC,
    ("publish unlisted", "found.notes"): PUBLIC,
    ("publish unlisted", "public[0].visibility"): PUBLIC,
    ("publish a poll", "ended.notes"): NO_POLL,
    ("publish a poll", "found.notes"): NO_POLL,
    ("publish a poll", "public[0].has a poll"): NO_POLL,
}
