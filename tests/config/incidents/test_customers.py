"""An incident that reaches another customer says so, whichever fact it is of."""

import json
from datetime import timedelta

import pytest
from django.conf import settings

from config.incidents import notify, touched, watch
from config.models import Incident
from config.status import table
from config.status.fact import Finding, Measurement
from destinations.accounts.tokens import lost
from destinations.models import Account, Outage
from destinations.runtime import clock
from destinations.runtime.redis_client import client
from posts.features.importing.models import Import
from posts.models import Fetch, Media, Variant
from tests.factories import make_account, make_post, make_workspace
from tests.posts.features.webhooks.webhook_factories import make_delivery, make_webhook

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_workers")]
HOUR = timedelta(hours=1)
WITHOUT_CUSTOMERS = {"replica": "The standby is the installation's own; reads go to the primary."}
#: What is wrong of each fact whose customers are those of the posts that wait.
ABOUT = {
    "tick": "", "beat": "", "workers": "worker", "restore": "", "lateness": "x",
    "outages": "network:x", "accounts held": "x",
}  # fmt: skip


def stuck_import(workspace):
    due = clock.now() - HOUR
    Import.objects.create(workspace=workspace, by="key:a", digest="a", total=9, due_at=due)


def stuck_files(workspace):
    media = Media.objects.create(workspace=workspace, size_bytes=1)
    Fetch.objects.create(media=media, url="https://example.com/a", due_at=clock.now())
    Variant.objects.create(media=media, form={}, digest="a", lease_until=clock.now())
    for model in (Fetch, Variant):
        model.objects.update(created_at=clock.now() - HOUR)


def late_event(workspace):
    make_delivery(make_webhook(workspace), due_at=clock.now() - HOUR)


def new_event(workspace):
    event = make_delivery(make_webhook(workspace), due_at=None).event
    type(event).objects.update(created_at=clock.now() - HOUR, fanned_out_at=None)


def lost_tokens(workspace):
    make_account(workspace)
    kept = json.dumps([clock.now().isoformat(), [each.pk for each in Account.objects.all()]])
    client(settings.REDIS_URL).set(lost.KEY, kept)


def to_reconnect(workspace):
    make_account(workspace, needs_reconnection_since=clock.now())


def may_be_live(workspace):
    failed = {"status": "failed", "due_at": None, "error_code": "outcome_unknown"}
    make_post(workspace, [make_account(workspace)], **failed)


def blog_down(workspace):
    account = make_account(workspace, "wordpress")
    Outage.objects.create(
        scope="account", target=account.pk, platform="wordpress", name="A blog", error="503.",
        opened_at=clock.now(), probe_at=clock.now(),
    )  # fmt: skip


def failing_webhook(workspace):
    make_webhook(workspace, consecutive_failures=3)


#: How each other fact goes wrong for a workspace, by cause.
TROUBLES = {
    "imports:": stuck_import,
    "media:fetch": stuck_files,
    "media:variant": stuck_files,
    "webhooks:late": late_event,
    "webhooks:failing": failing_webhook,
    "lost tokens:": lost_tokens,
    "accounts to reconnect:x": to_reconnect,
    "may be live:x": may_be_live,
    "own servers:wordpress": blog_down,
}
CASES = [*TROUBLES.items(), ("webhooks:late", new_event)]


@pytest.fixture(autouse=True)
def no_lost_tokens():
    yield
    client(settings.REDIS_URL).delete(lost.KEY)


def test_each_fact_that_is_watched_counts_customers_or_says_why_it_has_none():
    counted = {cause.partition(":")[0] for cause in TROUBLES}

    assert counted | set(ABOUT) | set(WITHOUT_CUSTOMERS) == set(table.WATCHED)
    assert not set(WITHOUT_CUSTOMERS) & set(touched.OF_POSTS)
    assert all(touched.is_about_posts(name) for name in ABOUT)


def look_again(cause: str, *measured: Measurement) -> Incident:
    """Find what is wrong now, of what was told a good while ago."""
    Incident.objects.update(told="warning", told_at=clock.now() - 2 * notify.PAUSE)
    for row in Incident.objects.all():
        row.told_count, row.told_workspaces = row.now_count, row.now_workspaces
        row.save()
    watch.update(measured or list(table.measure([cause.partition(":")[0]])))
    return Incident.objects.get(cause=cause)


# From five customers on, failing receivers are one incident.
@pytest.mark.parametrize(
    ("cause", "go_wrong"), CASES, ids=lambda each: getattr(each, "__name__", "")
)
def test_another_customer_of_what_is_wrong_is_told(cause, go_wrong):
    for _ in range(5):
        go_wrong(make_workspace())
    assert look_again(cause).now_workspaces == 5
    go_wrong(make_workspace())

    row = look_again(cause)

    assert row.now_workspaces == 6
    assert notify.has_grown(row, clock.now())


@pytest.mark.parametrize("fact", ABOUT)
def test_another_customer_whose_posts_wait_is_told(fact):
    cause = f"{fact}:{ABOUT[fact]}"
    wrong = Measurement(fact, (Finding("problem", fact, "It is wrong.", about=ABOUT[fact]),))

    def wait():
        account = make_account(make_workspace(), "x", held_until=clock.now() + HOUR)
        at = clock.now() - HOUR
        make_post(account.workspace, [account], due_at=at, wanted_at=at)

    wait()
    assert look_again(cause, wrong).now_workspaces == 1
    wait()

    row = look_again(cause, wrong)

    assert row.now_workspaces == 2
    assert notify.has_grown(row, clock.now())


def test_more_stuck_work_of_the_same_customers_is_no_other_customer():
    workspace = make_workspace()
    for go_wrong in (stuck_import, stuck_files, late_event, lost_tokens):
        go_wrong(workspace)
        go_wrong(workspace)

    watch.update(list(table.measure(["imports", "media", "webhooks", "lost tokens"])))

    assert {row.now_workspaces for row in Incident.objects.all()} == {1}


def test_a_new_file_of_another_customer_is_not_stuck():
    stuck_files(make_workspace())
    media = Media.objects.create(workspace=make_workspace(), size_bytes=1)
    Fetch.objects.create(media=media, url="https://example.com/a", due_at=clock.now())

    watch.update(list(table.measure(["media"])))

    assert Incident.objects.get(cause="media:fetch").now_workspaces == 1
