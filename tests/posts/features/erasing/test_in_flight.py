"""An erasure lets what has reached a network end, and sends nothing that had not begun."""

from datetime import timedelta

import pytest
from django.conf import settings as django_settings

from destinations import pauses
from destinations.accounts import encryption
from destinations.accounts.tokens import newest
from destinations.deleting import deletion_request
from destinations.deleting.deletion_request import Asker
from destinations.dispatch import changes
from destinations.models import Account, Destination, Event, Outage
from destinations.runtime import clock
from destinations.runtime.redis_client import client
from destinations.state import transitions
from platforms.oauth import Tokens
from posts.features.erasing import erase, posts_step
from posts.features.erasing.models import Erasure
from posts.keys import keys
from posts.keys.oauth import consents
from posts.media import storage
from posts.models import ApiKey, DeviceLogin, Post, Workspace
from tests.destinations import run_command
from tests.factories import make_account, make_post
from tests.posts.conftest import make_caller
from tests.posts.features.webhooks.webhook_factories import told
from tests.posts.world import make_feed, make_recurrence

pytestmark = pytest.mark.django_db
BY = "operator:ada"


@pytest.fixture
def workspace() -> Workspace:
    return Workspace.objects.create(name="Acme")


@pytest.fixture(params=["workspace", "account"])
def target(request, workspace):
    account = make_account(workspace)
    return workspace if request.param == "workspace" else account


def account_of(target) -> Account:
    return target if isinstance(target, Account) else target.accounts.get()


def erased(target) -> Erasure:
    erasure = erase.begin(target, BY)
    erase.work(erasure)
    return erasure


def test_a_post_whose_call_was_announced_is_erased_only_after_its_outcome(target):
    row = make_post(account_of(target).workspace, [account_of(target)]).destinations.get()
    job = run_command.send(row)

    erasure = erased(target)

    assert erasure.waits_for == "posts whose networks have not answered yet: 1"
    assert erasure.ended_at is None
    assert Account.objects.get(pk=row.account_id).credentials
    fields = {"platform_post_id": "77", "published_at": clock.now()}
    assert transitions.move("succeed", row.pk, claim=job.claim, by="worker:a", **fields)
    erase.work_all()
    erasure.refresh_from_db()
    assert erasure.ended_at
    assert not erasure.waits_for
    assert not Destination.objects.exists()


@pytest.mark.parametrize("status", ["unconfirmed", "publishing"])
def test_a_poll_or_a_lookup_is_waited_for(target, status):
    make_post(account_of(target).workspace, [account_of(target)], status=status, attempts=1)

    assert erased(target).waits_for
    assert Destination.objects.get().status == status


@pytest.mark.parametrize("status", ["queued", "failed"])
def test_what_has_not_begun_is_cancelled_and_never_sent(target, status, simulator):
    retry = {"attempts": 1, "next_retry_at": clock.now()} if status == "failed" else {}
    make_post(account_of(target).workspace, [account_of(target)], status=status, **retry)
    erase.begin(target, BY)
    run_command.run()
    assert not simulator.posts("x")

    assert erased(target).ended_at
    assert not Destination.objects.exists()


def test_a_quick_retry_that_the_pause_holds_is_not_waited_for(target):
    at = {"next_retry_at": clock.now() + timedelta(seconds=1)}
    make_post(account_of(target).workspace, [account_of(target)], status="publishing", **at)

    assert erased(target).ended_at


def test_a_restored_database_does_not_publish_what_was_scheduled(target):
    soon = clock.now() + timedelta(hours=1)
    account = account_of(target)
    post = make_post(account.workspace, [account], scheduled_for=soon)

    assert erased(target).ended_at

    assert client(django_settings.REDIS_URL).exists(f"{changes.KEY}{post.pk}")


def test_a_public_post_that_was_asked_to_go_is_deleted_first(target):
    public = {"status": "published", "platform_post_id": "77", "due_at": None}
    account = account_of(target)
    row = make_post(account.workspace, [account], **public).destinations.get()
    deletion_request.ask([row], Asker(BY))

    assert erased(target).waits_for
    assert Destination.objects.exists()


def test_what_makes_posts_goes_before_anything_is_waited_for(workspace):
    account = make_account(workspace)
    make_post(workspace, [account], status="unconfirmed", attempts=1)
    make_feed(workspace, account.pk)
    make_recurrence(workspace, account.pk)

    assert erased(workspace).waits_for
    assert not workspace.feeds.exists()
    assert not workspace.recurrences.exists()
    assert workspace.accounts.exists()


def test_a_refresh_that_is_under_way_is_waited_for(target):
    until = clock.now() + timedelta(seconds=30)
    Account.objects.update(refresh_claim=Workspace().pk, refresh_until=until, is_refreshable=True)

    assert erased(target).waits_for == "a refresh of tokens, for a minute at most"
    Account.objects.update(refresh_until=clock.now())
    assert erased(target).ended_at


def test_keys_are_refused_from_the_first_moment(workspace, settings):
    settings.KEY_CACHE_SECONDS = 0
    ada = make_caller(workspace, "Ada")
    make_post(workspace, [make_account(workspace)], status="unconfirmed", attempts=1)
    assert ada.get("/posts").status_code == 200

    erase.begin(workspace, BY)

    assert ada.get("/posts").status_code == 401
    assert erased(workspace).waits_for
    assert ada.post("/posts", {"content": "Hello"}).status_code == 401


def test_a_crash_between_the_steps_loses_nothing(workspace, monkeypatch):
    make_post(workspace, [make_account(workspace)], due_at=None, status="published")
    erasure = erase.begin(workspace, BY)

    def away(workspace_id):
        raise OSError("The storage is away.")

    with monkeypatch.context() as broken:
        broken.setattr(storage, "delete_of_workspace", away)
        with pytest.raises(OSError, match="away"):
            erase.work(erasure)
    assert Workspace.objects.exists()
    erase.work_all()

    erasure.refresh_from_db()
    assert erasure.ended_at
    assert not Workspace.objects.exists()


def test_one_that_is_repeated_is_the_same_one(workspace):
    first = erase.begin(workspace, BY)

    assert erase.begin(workspace, "operator:bo").pk == first.pk


def test_what_is_written_when_the_workspace_is_gone_is_deleted_too(workspace):
    erased(workspace)
    model = next(m for m in erase.tables.lookups() if m.__name__ == "ApiRequest")
    gone = {"workspace_id": workspace.pk, "at": clock.now(), "status": 200, "duration_ms": 1}
    model._default_manager.create(**gone)

    erase.work_all()

    assert not model._default_manager.exists()


def test_posts_of_other_accounts_follow_what_is_left_of_them(workspace):
    one, other = make_account(workspace), make_account(workspace)
    shared = make_post(workspace, [one, other], status="published", due_at=None)
    shared.destinations.filter(account=one).update(status="failed", error_code="content_rejected")
    alone = make_post(workspace, [one], status="published", due_at=None)
    Post.objects.update(status="partial")

    erased(one)

    shared.refresh_from_db()
    assert shared.status == "published"
    assert [row.account for row in shared.destinations.all()] == [other]
    assert not Post.objects.filter(pk=alone.pk).exists()
    assert not Event.objects.exclude(destination__post=shared).exists()
    assert told(workspace) == []


def test_no_key_may_do_more_because_its_account_is_gone(workspace, admin_user):
    account = make_account(workspace)
    make_account(workspace)
    key, _ = keys.create(workspace, "Ada", ("read",), accounts=[account])
    now = clock.now()
    login = DeviceLogin.objects.create(
        device_hash="a",
        user_code_hash="b",
        client_name="c",
        created_at=now,
        expires_at=now + timedelta(hours=1),
        workspace=workspace,
        name="c",
        scopes=["read"],
        account_ids=[account.pk],
        decided_by=admin_user,
    )

    erased(account)

    assert ApiKey.objects.get(pk=key.pk).reach.only == frozenset()
    login.refresh_from_db()
    assert login.account_ids == [0]
    assert consents.make_key(login, "c", None, "") is None


def test_tokens_that_another_account_shares_stay_in_redis_until_it_is_erased_too(workspace):
    shared = {"extra": {"consent": "consent-1"}, "username": "acme"}
    one, other = (make_account(workspace, **shared) for _ in range(2))
    newest.keep(one.pk, encryption.credentials(one), Tokens("new", "refresh"))
    name = f"{newest.KEY}consent-1"

    erased(one)
    assert client(django_settings.REDIS_URL).exists(name)
    erased(other)
    assert not client(django_settings.REDIS_URL).exists(name)


def test_an_outage_gets_another_probe_when_its_own_is_erased(target):
    row = make_post(account_of(target).workspace, [account_of(target)]).destinations.get()
    at = {"opened_at": clock.now(), "probe_at": clock.now() + timedelta(seconds=9)}
    outage = Outage.objects.create(
        scope="network",
        target="x",
        platform="x",
        probe=row.pk,
        probe_account=row.account_id,
        **at,
    )

    erased(target)

    outage.refresh_from_db()
    assert (outage.probe, outage.probe_account) == (None, None)
    assert outage.probe_at < at["probe_at"]


def test_many_posts_are_erased_in_steps_and_a_run_ends_in_time(workspace, monkeypatch):
    account = make_account(workspace)
    for _ in range(5):
        make_post(workspace, [account], status="published", due_at=None)
    monkeypatch.setattr(posts_step, "BATCH", 2)
    erasure = erase.begin(workspace, BY)

    erase.work(erasure, seconds=0)

    assert Post.objects.count() == 3
    assert erasure.ended_at is None
    erase.work(erasure)
    assert erasure.ended_at


def test_what_was_opened_meanwhile_is_closed_again(workspace):
    make_post(workspace, [make_account(workspace)], status="unconfirmed", attempts=1)
    erasure = erase.begin(workspace, BY)
    pauses.resume(pauses.active()[0].pk, by=BY)
    key, _ = keys.create(workspace, "Bo", ("read",))

    erase.work(erasure)

    assert [pause.key for pause in pauses.active()] == [f"workspace:{workspace.pk}"]
    assert not ApiKey.objects.filter(pk=key.pk).exists()
    assert erasure.waits_for
