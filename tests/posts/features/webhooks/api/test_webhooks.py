"""Webhooks over the API: create, read, change and delete them."""

import base64
from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from django.test import Client

from posts.features.webhooks import lifecycle
from posts.features.webhooks.delivery import signatures
from posts.features.webhooks.models import Webhook
from posts.keys import keys
from posts.models import IdempotencyRecord
from posts.outbox import names
from tests.factories import make_account
from tests.posts.api.cases import cases
from tests.posts.conftest import Caller, refused
from tests.psql import psql

HOOK = "https://hooks.example/in?a=%7E&B=ü".replace("ü", "%c3%BC")
FIELDS = [
    *("id", "url", "events", "name", "description", "is_active", "consecutive_failures"),
    *("auto_disabled_at", "last_delivery_at", "last_success_at", "last_failure_at"),
    *("created_at", "updated_at"),
]


def make(caller, **more):
    answer = caller.post("/webhooks", {"url": HOOK, "events": ["post.published"], **more})
    assert answer.status_code == 201, answer.content
    return answer.json()["data"]


def test_a_new_webhook_has_its_secret_in_this_answer_alone(ada):
    answer = ada.post("/webhooks", {"url": HOOK, "events": ["post.published"], "name": "n8n"})

    made = answer.json()["data"]
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    assert list(made) == [*FIELDS, "secret", "secret_warning"]
    assert len(base64.b64decode(made["secret"].removeprefix("whsec_"), validate=True)) == 32
    assert (made["name"], made["description"], made["is_active"]) == ("n8n", None, True)
    assert made["consecutive_failures"] == 0
    for path in (f"/webhooks/{made['id']}", "/webhooks"):
        read = ada.get(path).content.decode()
        assert made["secret"] not in read
        assert "secret" not in read
    assert list(ada.get(f"/webhooks/{made['id']}").json()["data"]) == FIELDS


def test_the_secret_signs_and_is_stored_encrypted(ada):
    secret = make(ada)["secret"]

    webhook = Webhook.objects.get()
    assert signatures.valid_secrets(webhook) == [secret]
    assert secret not in webhook.secret


def test_a_repeated_request_has_the_secret_again_and_no_record_has_it_in_the_clear(ada):
    body = {"url": HOOK, "events": ["post.published"]}
    first, second = (
        ada.post("/webhooks", body, headers={"Idempotency-Key": "hook-1"}) for _ in range(2)
    )

    assert second["Idempotent-Replayed"] == "true"
    assert second["Cache-Control"] == "no-store"
    assert first.json()["data"] == second.json()["data"]
    assert Webhook.objects.count() == 1
    secret = first.json()["data"]["secret"]
    ((kept,),) = psql("SELECT kept::text FROM posts_keptanswer kept")
    assert secret not in kept
    assert secret.removeprefix("whsec_")[:16] not in kept
    assert IdempotencyRecord.objects.get().answer.startswith("gAAAA")


def test_urls_are_kept_byte_for_byte(ada):
    url = "HTTPS://Hooks.Example:8443/In//../x?b=2&a=1&a=%7e"

    assert make(ada, url=url)["url"] == url
    assert [each["url"] for each in ada.get("/webhooks").json()["data"]["webhooks"]] == [url]


def test_events_keep_their_order_and_count_once(ada):
    events = ["post.updated", "post.published", "post.updated", "account.connected"]

    assert make(ada, events=events)["events"] == [events[0], events[1], events[3]]


def test_every_event_may_be_subscribed_to(ada):
    assert make(ada, events=list(names.every()))["events"] == list(names.every())
    assert len(names.every()) == 21


def test_a_wrong_event_is_refused_and_the_answer_names_all(ada):
    answer = ada.post("/webhooks", {"url": HOOK, "events": ["post.published", "post.exploded"]})

    error = refused(answer, 400, "validation_error")
    assert all(name in error["message"] for name in names.every())
    assert not Webhook.objects.exists()


@cases(
    "wrong",
    [
        {"events": []},
        {"events": None},
        {"events": "post.published"},
        {"events": [5]},
        {"url": None},
        {"url": 5},
        {"name": "n" * 101},
        {"description": "d" * 501},
    ],
)
def test_a_wrong_body_is_refused_and_nothing_is_stored(ada, wrong):
    body = {"url": HOOK, "events": ["post.published"], **wrong}

    refused(ada.post("/webhooks", body), 400, "validation_error")
    assert not Webhook.objects.exists()


@cases("name", ["is_active", "secret", "id"])
def test_a_field_that_is_not_asked_for_is_refused(ada, name):
    body = {"url": HOOK, "events": ["post.published"], name: True}

    refused(ada.post("/webhooks", body), 400, "invalid_field_name")


@cases(
    "url",
    [
        "",
        "http://hooks.example/",
        "https://ada:secret@hooks.example/",
        "https://hooks.example/#top",
        "https://hooks.example/" + "x" * 2048,
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/",
        "https://hooks.example:22/",
    ],
)
def test_a_url_that_nothing_is_sent_to_is_refused_when_created_and_when_changed(ada, url):
    refused(
        ada.post("/webhooks", {"url": url, "events": ["post.published"]}),
        400,
        "invalid_webhook_url",
    )
    known = make(ada)
    refused(ada.patch(f"/webhooks/{known['id']}", {"url": url}), 400, "invalid_webhook_url")
    assert [hook.url for hook in Webhook.objects.all()] == [HOOK]


def test_each_field_is_changed_alone(ada):
    made = make(ada, name="old", description="old")
    path = f"/webhooks/{made['id']}"
    changes = {
        "url": "https://other.example/",
        "events": ["media.deleted"],
        "name": "new",
        "description": "",
        "is_active": False,
    }

    shown = {name: made[name] for name in FIELDS}
    for name, value in changes.items():
        answer = ada.patch(path, {name: value})
        shown |= {name: value or None if name == "description" else value}
        got = answer.json()["data"]
        assert {**got, "updated_at": ""} == {**shown, "updated_at": ""}


@cases("body", [{}, {"name": None, "is_active": None}])
def test_a_change_of_nothing_is_refused(ada, body):
    refused(ada.patch(f"/webhooks/{make(ada)['id']}", body), 400, "validation_error")


def test_switching_on_forgets_failures(ada):
    made = make(ada)
    Webhook.objects.update(
        is_active=False, consecutive_failures=20, auto_disabled_at="2026-01-01T00:00:00Z"
    )

    shown = ada.patch(f"/webhooks/{made['id']}", {"is_active": True}).json()["data"]

    assert shown["is_active"]
    assert (shown["consecutive_failures"], shown["auto_disabled_at"]) == (0, None)


def test_a_deleted_webhook_is_gone(ada):
    made = make(ada)

    answer = ada.delete(f"/webhooks/{made['id']}")

    assert answer.json()["data"] == {"id": made["id"], "deleted": True}
    for method, body in (("GET", None), ("PATCH", {"name": "a"}), ("DELETE", None)):
        refused(ada.call(method, f"/webhooks/{made['id']}", body), 404, "not_found")


def test_a_key_of_some_accounts_neither_makes_nor_reads_webhooks(ada):
    made = make(ada)
    account = make_account(ada.workspace)
    key, secret = keys.create(ada.workspace, "Some", ("read", "write"), accounts=[account])
    some = Caller(ada.workspace, key, secret)

    for method, path, body in (
        ("GET", "/webhooks", None),
        ("POST", "/webhooks", {"url": HOOK, "events": ["post.published"]}),
        ("GET", f"/webhooks/{made['id']}", None),
        ("PATCH", f"/webhooks/{made['id']}", {"name": "a"}),
        ("DELETE", f"/webhooks/{made['id']}", None),
        ("GET", f"/webhooks/{made['id']}/deliveries", None),
    ):
        error = refused(some.call(method, path, body), 403, "insufficient_scope")
        assert "restricted" in error["message"]
    assert Webhook.objects.count() == 1


def test_a_workspace_has_at_most_25(ada, cy):
    for _ in range(lifecycle.MOST):
        make(ada)

    body = {"url": HOOK, "events": ["post.published"]}
    error = refused(ada.post("/webhooks", body), 409, "webhook_limit_reached")
    assert "25" in error["message"]
    make(cy)
    ada.delete(f"/webhooks/{Webhook.objects.filter(workspace=ada.workspace).first().pk}")
    make(ada)


def test_twenty_at_once_for_three_free_places_get_three(transactional_db, ada):
    for _ in range(lifecycle.MOST - 3):
        make(ada)

    def one(_):
        caller = Caller(ada.workspace, ada.key, ada.secret, Client())
        try:
            answer = caller.post("/webhooks", {"url": HOOK, "events": ["post.published"]})
            return answer.status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        answers = sorted(threads.map(one, range(20)))

    assert answers == [201] * 3 + [409] * 17
    assert Webhook.objects.count() == lifecycle.MOST


def test_the_compatibility_mount_has_the_same_shapes(ada):
    made = make(ada)

    for path in ("/webhooks", f"/webhooks/{made['id']}"):
        here = ada.get(path).json()
        there = ada.client.get(
            f"/compat/api/v1{path}", headers={"Authorization": f"Bearer {ada.secret}"}
        ).json()
        assert there["data"] == here["data"]
        assert there["error"] is None


@cases(("mount", "form"), [("ada", "public"), ("compat", "uuid")])
def test_a_webhook_remembers_in_which_form_the_mount_that_made_it_has_ids(ada, compat, mount, form):
    caller, other = (ada, compat) if mount == "ada" else (compat, ada)
    made = make(caller)

    assert other.patch(f"/webhooks/{made['id']}", {"name": "n8n"}).status_code == 200
    assert Webhook.objects.get().id_form == form
    assert "id_form" not in made
