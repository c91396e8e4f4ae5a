"""Posts as files, which can be imported again."""

import csv
import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from destinations.models import Destination
from destinations.runtime.request_waits import Busy, RequestWaitLimiter
from platforms.text import is_blank
from posts.features.importing.formats import export_posts
from posts.features.importing.models import ImportedRow
from posts.keys.bounded_waits import HeldPieces
from posts.models import Post
from tests.factories import make_account, make_campaign
from tests.posts.conftest import refused
from tests.posts.features.importing.upload_steps import ahead, data, send_csv, table

TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    | st.sampled_from("=+-@'\"\r\n,;\t🌍"),
    min_size=1,
    max_size=40,
).filter(lambda text: not is_blank(text))


def export(caller, query=""):
    answer = caller.get(f"/posts/export{query}")
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


def rows(raw):
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def kept():
    fields = ("content", "scheduled_for", "timezone", "campaign_id", "metadata", "platform_content")
    fields += ("hashtags",)
    return sorted(map(repr, Post.objects.values_list(*fields, "status")))


def test_an_export_imported_again_is_the_same(ada, account):
    campaign = make_campaign(ada.workspace)
    own = {"x": {"content": "=SUM(A1)"}}
    tags = data(ada.post("/hashtag-sets", {"name": "June", "hashtags": ["summer"]}))["id"]
    for body in (
        {"content": "=1+1", "metadata": {"order": "A-1"}, "campaign_id": campaign.pk},
        {"content": 'A "quoted"\r\nline; 🌍', "platform_content": own, "timezone": "Europe/Rome"},
        {"content": "Tagged", "hashtag_set_ids": [tags], "hashtags_in": "first_comment"},
        {"content": "Without defaults", "use_defaults": False},
    ):
        sent = {"account_ids": [account.pk], "scheduled_at": ahead(), **body}
        assert ada.post("/posts", sent).status_code == 201
    assert ada.post("/posts", {"content": "A draft", "draft": True}).status_code == 201
    before = kept()
    for form in ("csv", "json"):
        raw = export(ada, f"?format={form}")
        Post.objects.all().delete()
        ImportedRow.objects.all().delete()
        kind = "text/csv" if form == "csv" else "application/json"
        answer = ada.call("POST", "/posts/import", data=raw, content_type=kind)
        assert answer.status_code == 201, answer.content
        assert data(answer)["warnings"] == []
        assert kept() == before


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_file_is_imported_into_another_workspace_by_names(ada, cy, account, form):
    """There its numbers are those of other accounts, or of none."""
    named = "Loft | Shop, Basel"
    page = make_account(ada.workspace, "facebook", name=named)
    theirs = [
        make_account(cy.workspace, name="Other", username=account.name.removeprefix("@")),
        make_account(cy.workspace, "facebook", name=named),
    ]
    make_account(cy.workspace, "linkedin", name=account.name)
    schedule(ada, account, page)
    raw = export(ada, f"?format={form}")
    Post.objects.all().delete()

    assert send(cy, raw, form).status_code == 201

    assert numbers() == [each.pk for each in theirs]


@pytest.mark.parametrize("form", ["csv", "json"])
def test_numbers_decide_between_accounts_of_one_name(ada, account, form):
    double = make_account(ada.workspace, name=account.name)
    schedule(ada, double, account)
    raw = export(ada, f"?format={form}")
    Post.objects.all().delete()

    assert send(ada, raw, form).status_code == 201

    assert numbers() == [account.pk, double.pk]


def schedule(caller, *accounts):
    ids = [each.pk for each in accounts]
    sent = {"content": "Hi", "account_ids": ids, "scheduled_at": ahead()}
    assert caller.post("/posts", sent).status_code == 201


def send(caller, raw, form):
    kind = "text/csv" if form == "csv" else "application/json"
    return caller.call("POST", "/posts/import", data=raw, content_type=kind)


def numbers():
    return sorted(Destination.objects.values_list("account_number", flat=True))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=TEXTS)
def test_any_text_comes_back_as_it_was(ada, text):
    Post.objects.all().delete()
    ImportedRow.objects.all().delete()
    assert ada.post("/posts", {"content": text, "draft": True}).status_code == 201
    raw = export(ada)
    assert not rows(raw)[0]["content"].startswith(("=", "+", "-", "@", "\t", "\r"))
    Post.objects.all().delete()
    assert send_csv(ada, raw).status_code == 201
    assert Post.objects.get().content == text


def test_an_export_of_posts_that_are_still_here_publishes_nothing_again(ada, account):
    ada.post("/posts", {"content": "Now", "account_ids": [account.pk]})
    raw = export(ada)
    assert [e["code"] for e in data(send_csv(ada, raw))["results"][0]["errors"]] == ["conflict"]
    Post.objects.all().delete()
    errors = data(send_csv(ada, raw))["results"][0]["errors"]
    assert [each["code"] for each in errors] == ["past_schedule_time"]


def test_its_filters_are_those_of_the_list_and_strangers_posts_are_not_in_it(ada, cy, account):
    send_csv(ada, table({"content": "A", "draft": "yes"}, {"content": "B", "draft": "yes"}))
    send_csv(cy, table({"content": "C", "draft": "yes"}))
    assert [row["content"] for row in rows(export(ada, "?search=B"))] == ["B"]
    assert len(rows(export(ada))) == 2
    assert json.loads(export(ada, "?status=scheduled&format=json")) == {"posts": []}
    assert ada.get("/posts/export?format=xml").status_code == 400


def test_more_posts_than_an_export_has_are_refused_with_advice(ada, monkeypatch):
    send_csv(ada, table(*({"content": f"{n}", "draft": "yes"} for n in range(4))))
    monkeypatch.setattr(export_posts, "PAGE", 2)
    assert len(rows(export(ada))) == 4
    monkeypatch.setattr(export_posts, "MOST_POSTS", 3)
    answer = ada.get("/posts/export")
    assert answer.status_code == 400
    assert "created_after" in answer.json()["error"]["message"]


def test_a_workspace_writes_two_exports_at_once(ada, cy):
    written = [ada.get("/posts/export") for _ in range(2)]

    busy = ada.get("/posts/export")
    refused(busy, 503, "service_unavailable")
    assert busy["Retry-After"] == "5"
    other = cy.get("/posts/export")
    assert other.status_code == 200

    assert all(b"".join(each.streaming_content) for each in (*written, other))
    assert export(ada)


def test_an_export_that_is_not_read_to_its_end_gives_its_place_back(ada):
    room = RequestWaitLimiter()
    pieces = HeldPieces(iter([b"a", b"b"]), room.enter(ada.workspace.pk))
    others = [room.enter(ada.workspace.pk)]
    assert next(pieces) == b"a"

    pieces.close()

    others.append(room.enter(ada.workspace.pk))
    with pytest.raises(Busy):
        room.enter(ada.workspace.pk)


def test_an_export_that_is_refused_holds_no_place(ada, monkeypatch):
    monkeypatch.setattr(export_posts, "MOST_POSTS", 0)
    ada.post("/posts", {"content": "Hi", "draft": True})

    for _ in range(3):
        refused(ada.get("/posts/export"), 400, "bulk_limit_exceeded")
