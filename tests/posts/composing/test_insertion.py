"""A new post is stored by one statement, as the ORM would store it."""

from django.db import connection
from django.db.models import NOT_PROVIDED
from django.test.utils import CaptureQueriesContext

from destinations.models import Destination, Event
from posts.composing import insertion
from posts.models import Post, PostMedia
from tests.factories import make_account
from tests.posts.factories import FUTURE
from tests.posts.media.file_posts import stored


def test_one_statement_stores_a_post_with_all_its_rows(ada):
    accounts = [make_account(ada.workspace, network) for network in ("x", "linkedin", "x")]
    media = stored(ada, b"0", "image/png", "a.png", width=600, height=600)
    body = {
        "content": "Hi",
        "account_ids": [account.pk for account in accounts],
        "media_ids": [str(media.pk)],
        "alt_texts": {str(media.pk): "A dot"},
        "scheduled_at": FUTURE,
    }

    with CaptureQueriesContext(connection) as asked:
        response = ada.post("/posts", body)

    assert response.status_code == 201
    writes = [each["sql"] for each in asked if "INSERT INTO posts_" in each["sql"]]
    assert len(writes) == 1
    rows = Destination.objects.order_by("position")
    assert [row.account_number for row in rows] == body["account_ids"]
    assert [row.draft["text"] for row in rows] == ["Hi"] * 3
    assert PostMedia.objects.get().alt_text == "A dot"


def test_a_post_without_files_is_stored_outside_a_transaction(ada, account):
    with CaptureQueriesContext(connection) as asked:
        ada.post("/posts", {"content": "Hi", "account_ids": [account.pk], "scheduled_at": FUTURE})

    assert not [each["sql"] for each in asked if "SAVEPOINT" in each["sql"]]


def test_the_history_begins_in_the_order_of_the_accounts(ada):
    accounts = [make_account(ada.workspace, "x").pk for _ in range(5)]
    ordered = [accounts[number] for number in (3, 0, 4, 2, 1)]

    ada.post("/posts", {"content": "Hi", "account_ids": ordered, "scheduled_at": FUTURE})

    events = Event.objects.select_related("destination").order_by("id")
    assert [event.destination.account_number for event in events] == ordered


def test_columns_that_the_statement_does_not_name_have_their_fields_defaults(ada, account):
    ada.post("/posts", {"content": "Hi", "account_ids": [account.pk], "scheduled_at": FUTURE})

    named = {Post: insertion.POST, Destination: insertion.DESTINATION, Event: insertion.EVENT}
    for model, given in named.items():
        row, blank = model.objects.get(), model()
        for field in model._meta.concrete_fields:
            if field.column in given or field.primary_key or field.generated:
                continue
            # A default of the database's own, such as what a trigger keeps, is no value yet.
            by_database = field.db_default is not NOT_PROVIDED and not field.has_default()
            default = field.db_default if by_database else getattr(blank, field.attname)
            assert getattr(row, field.attname) == default, field
