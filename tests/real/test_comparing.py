"""How answers are compared, and what the table says of it."""

from tests.real.compare import Plain, differences
from tests.real.table import lines

DID, OTHER = f"did:plc:{'a' * 24}", f"did:plc:{'b' * 24}"


def test_what_is_there_by_chance_is_named_in_the_order_of_fields():
    plain = Plain()
    assert plain.of({"uri": f"at://{DID}/x", "by": [OTHER, DID, 7]}) == {
        "by": ["<did 1>", "<did 2>", 7],
        "uri": "at://<did 2>/x",
    }


def test_each_place_that_differs_is_named():
    ours = {"status": 400, "list": [1, {"a": 1}], "same": "x"}
    theirs = {"status": 401, "list": [1, {"a": 2}], "same": "x", "more": True}
    assert list(differences(ours, theirs)) == [
        ("status", 400, 401),
        ("list[1].a", 1, 2),
        ("more", "nothing", True),
    ]


def test_lists_of_other_lengths_differ_as_a_whole():
    assert list(differences({"list": [1]}, {"list": [1, 2]})) == [("list", [1], [1, 2])]


def test_the_table_counts_cases_and_says_why_some_differ():
    server = ["Bluesky", "pds 1.0"]
    reports = [
        ("passed", [*server, "one", []]),
        ("passed", [*server, "two", ["Stricter."]]),
        ("failed", [*server, "three", []]),
    ]
    assert lines(reports) == [
        "network  server   cases  failed  differences",
        "Bluesky  pds 1.0  3      1       1 listed",
        "1 case: Bluesky: Stricter.",
    ]
