"""The default queue as the hosted service's command line asks for it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from posts.models import PostingQueue
from tests.posts.api.cases import cases
from tests.posts.conftest import data_of, refused
from tests.posts.features.posting_queues.conftest import EACH_HOUR, make_queue, put

ZONE = "Asia/Kolkata"


def test_it_names_the_queue_and_as_many_free_slots_as_are_asked_for(ada, compat, x):
    queue = make_queue(ada, timezone=ZONE, is_default=True)["id"]
    put(ada, x)

    data = data_of(compat.get("/queue?preview=3"))

    taken = PostingQueue.objects.get(pk=queue).posts.get().slot_at
    walls = [f"{each['date']} {each['time']}" for each in data["upcoming"]]
    instants = [datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(ZONE)) for wall in walls]
    assert data["queue"] == {"id": queue, "name": "Hourly", "timezone": ZONE}
    assert (len(walls), data["exhausted"]) == (3, False)
    assert instants == sorted(instants)
    assert instants[0] == datetime.fromisoformat(data["next_slot"]) > taken


def test_it_says_when_there_are_fewer_slots_than_were_asked_for(ada, compat):
    make_queue(ada, slots=EACH_HOUR[:1], is_default=True)

    data = data_of(compat.get("/queue?preview=100"))

    assert (len(data["upcoming"]), data["exhausted"]) in ((12, True), (13, True))


def test_without_a_number_there_are_some_and_the_older_fields_stay(compat, ada, x):
    put(ada, x)

    data = data_of(compat.get("/queue?count=1"))

    assert len(data["upcoming"]) == 10
    assert (data["queue_id"], data["queue_name"]) == (data["queue"]["id"], "Default")
    assert len(data["posts"]) == 1


@cases("wrong", ["0", "101", "many", "-1"])
def test_a_number_that_is_none_is_refused(compat, wrong):
    refused(compat.get(f"/queue?preview={wrong}"), 400, "validation_error")


def test_the_reference_mount_has_no_such_parameter_and_no_such_fields(ada):
    refused(ada.get("/queue?preview=3"), 400, "invalid_field_name")
    assert not {"queue", "upcoming", "exhausted"} & data_of(ada.get("/queue")).keys()
