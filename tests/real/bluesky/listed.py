"""Differences between the simulator and the reference server that stay, each with its reason."""

from collections.abc import Mapping

STRICTER = (
    "The server keeps it and no app reads it. The simulator refuses it, so that an adapter that "
    "writes it fails our tests."
)
SNIFFED = (
    "The server looks what a file is and forgets what was said. The simulator refuses a type that "
    "is wrong, so that an adapter that says it fails our tests."
)
CALLS = "The simulator has only the calls that our adapter makes."
ENGINE = "The words are those of the server's JavaScript engine, and only a bug would send this."
CRASH = "The server fails at a rule that it does not know; our adapter writes only those it knows."
#: Case, and the beginning of the path of what differs → why.
LISTED: Mapping[tuple[str, str], str] = {
    ("post a tag that the text does not show", ""): STRICTER,
    ("post a field that no app reads", ""): STRICTER,
    ("post a facet of an unknown kind", ""): STRICTER,
    ("post an embed of an unknown kind", ""): STRICTER,
    ("keys", "an unknown collection"): STRICTER,
    ("upload another type than said", ""): SNIFFED,
    ("calls", "no JSON"): ENGINE,
    ("calls", "an unknown call"): CALLS,
    ("gates", "an unknown rule"): CRASH,
}
