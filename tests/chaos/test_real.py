"""The public's book of a real server: all that it lists counts, also what no one asked for."""

from types import SimpleNamespace

from tests.chaos import books
from tests.chaos.real import RealGround
from tests.real.live import Listed, Owner

OWNER = Owner("did:plc:dove", {}, None)


def listing(*posts):
    ground = object.__new__(RealGround)
    ground.server = SimpleNamespace(network="bluesky")
    ground.live = SimpleNamespace(listed=lambda _: posts)
    ground.owners = {OWNER.id: OWNER}
    return ground.public()


def test_a_post_that_the_server_lists_twice_has_two_ids():
    found = listing(Listed("1", "roof mark000000000001"), Listed("2", "roof mark000000000001"))

    assert found == {("mark000000000001", "bluesky", OWNER.id): ["1", "2"]}


def test_a_listed_post_without_a_mark_was_never_asked_for():
    options = {"broken_at": {}, "may_stay_unknown": (), "may_be_refused": ()}
    verdicts = books.compare([], {}, listing(Listed("1", "Coo")), **options)

    assert [verdict.word for verdict in verdicts] == ["wrong"]
