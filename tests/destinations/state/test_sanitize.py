"""Answers with text that PostgreSQL refuses are stored all the same, sanitized."""

from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.accounts import encryption, refresh
from destinations.dispatch import claims
from destinations.models import Attempt, Destination, Event
from destinations.publishing.commands import FindOwners, SaveCheckpoint, Start
from destinations.publishing.complete import Complete
from destinations.publishing.job import Job
from platforms.errors import PlatformError, Rejected, Unavailable
from platforms.oauth import App
from platforms.outcomes import Published, RefusedLater
from tests.destinations.accounts.token_server import token_server
from tests.destinations.run_command import execute, settle
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
S = Destination.Status
#: No text of PostgreSQL holds the first, no UTF-8 the second.
UNKEPT = ["\x00", "\ud83d"]


@pytest.fixture
def account():
    return make_account(make_workspace())


def begin() -> Job:
    Destination.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
    (claimed,) = claims.claim(1)
    return execute(Start(claimed.id, claimed.claim))


def send(account) -> Job:
    """A destination whose call was sent."""
    make_post(account.workspace, [account])
    job = begin()
    execute(SaveCheckpoint(job, {}, sending=True, answered=False))
    return job


def finish(job: Job, result) -> tuple[Destination, Attempt]:
    execute(Complete(job, result, {}, answered=True))
    return Destination.objects.get(pk=job.id), Attempt.objects.get(destination=job.id)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(Rejected("no", platform_code="x" * 101), id="a long code"),
        pytest.param(Rejected("no", request_id="x" * 201), id="a long request id"),
        *[
            pytest.param(Rejected(**{"message": "no"} | {name: f"a{unkept}b"}), id=f"{name} {at}")
            for name in ("message", "platform_code", "request_id", "body")
            for at, unkept in enumerate(UNKEPT)
        ],
    ],
)
def test_a_refusal_with_any_text_is_recorded_at_once(account, error: PlatformError):
    row, attempt = finish(send(account), error)

    assert (row.status, row.error_code, row.due_at) == (S.FAILED, "content_rejected", None)
    assert row.error == kept(error.message)
    assert (attempt.outcome, attempt.error) == ("content_rejected", row.error)
    assert attempt.platform_code == kept(error.platform_code)[:100]
    assert attempt.platform_request_id == kept(error.request_id)[:200]
    assert attempt.response == kept(error.body)
    assert Event.objects.latest("id").reason == row.error


def kept(text: str) -> str:
    for unkept in UNKEPT:
        text = text.replace(unkept, "\ufffd")
    return text


@pytest.mark.parametrize("unkept", UNKEPT)
def test_an_outcome_with_any_text_is_recorded(account, unkept):
    send(account)
    settle(Destination.objects.get())
    row, _ = finish(begin(), RefusedLater(Rejected(f"a{unkept}b")))
    assert (row.status, row.error_code) == (S.FAILED, "content_rejected")
    assert row.error == "a\ufffdb"

    row, _ = finish(send(account), Unavailable(f"a{unkept}b"))
    assert (row.status, row.error) == (S.PUBLISHING, "a\ufffdb")
    assert row.next_retry_at


@pytest.mark.parametrize("unkept", UNKEPT)
@pytest.mark.parametrize("is_found", [False, True])
def test_a_post_with_any_id_is_published(account, unkept, is_found):
    job = send(account)
    if is_found:
        job = begin()
    link = f"https://x.com/{unkept}"

    row, _ = finish(job, Published(f"1{unkept}", link, notes=(f"a{unkept}b",)))

    assert (row.status, row.platform_post_id) == (S.PUBLISHED, "1\ufffd")
    assert (row.platform_post_url, row.notes) == ("https://x.com/\ufffd", ["a\ufffdb"])


@pytest.mark.parametrize("unkept", UNKEPT)
def test_a_post_with_any_id_is_recognized_as_anothers(account, unkept):
    name, link = f"1{unkept}", f"https://x.com/{unkept}"
    finish(send(account), Published(name, link))
    job = send(account)

    assert execute(FindOwners(job, {name: link, f"2{unkept}": ""})) == {name}


@pytest.mark.parametrize("is_found", [False, True])
def test_long_ids_are_cut_and_long_urls_are_dropped(account, is_found):
    job = send(account)
    if is_found:
        job = begin()

    row, _ = finish(job, Published("1" * 301, "https://x.com/" + "1" * 1000))

    assert row.status == S.PUBLISHED
    assert (row.platform_post_id, row.platform_post_url) == ("1" * 300, "")


def test_the_longest_url_that_fits_is_kept(account):
    link = "https://x.com/".ljust(Destination._meta.get_field("platform_post_url").max_length, "1")

    row, _ = finish(send(account), Published("1", link))

    assert row.platform_post_url == link


def test_text_that_postgresql_accepts_is_unchanged(account):
    words = "“Straße” 🕊️ \\u0000 日本語\n"

    row, attempt = finish(send(account), Rejected(words, platform_code="x" * 100))

    assert (row.error, attempt.platform_code) == (words, "x" * 100)


def test_new_tokens_with_any_scope_names_are_stored(settings):
    settings.PLATFORM_APPS = {"x": App("app", "secret")}
    ends_at = timezone.now() + timedelta(minutes=1)
    fields = {"login": "x", "is_refreshable": True, "token_expires_at": ends_at}
    account = make_account(make_workspace(), "x", **fields)
    account.credentials = encryption.seal({"token": "access-0", "refresh_token": "refresh-0"})
    account.save()

    with token_server("refresh-0") as network:
        settings.SIMULATOR_URL = network.url
        network.scope = f"tweet.write a\x00b {'x' * 201}"
        refresh.tick()

    account.refresh_from_db()
    assert encryption.unseal(account.credentials)["refresh_token"] == "refresh-1"
    assert account.scopes == ["tweet.write", "a\ufffdb", "x" * 200]
