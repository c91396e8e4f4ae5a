"""A lookup and a person claim the same post for different destinations."""

import threading
import uuid

import pytest
from django.db import connection, transaction
from django.utils import timezone

from destinations import resolve
from destinations.accounts import encryption
from destinations.models import Attempt, Destination
from destinations.publishing.commands import FindOwners, Start
from destinations.publishing.complete import Complete
from platforms.outcomes import PartiallyPublished, Published
from tests.destinations.run_command import execute, execute_all
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db(transaction=True)
S = Destination.Status
ID = "1876"
LINK = f"https://x.com/acme/status/{ID}"


@pytest.fixture
def account():
    return make_account(make_workspace())


@pytest.fixture
def doubtful(account) -> Destination:
    """It may be live, and waits for a person."""
    fields = {"status": S.FAILED, "error_code": "outcome_unknown", "attempts": 1, "due_at": None}
    return make_post(account.workspace, [account], **fields).destinations.get()


@pytest.fixture
def sought(account) -> Destination:
    """Its answer was lost, and a worker holds it."""
    fields = {"status": S.UNCONFIRMED, "claim": uuid.uuid4(), "attempts": 1}
    row = make_post(account.workspace, [account], **fields).destinations.get()
    now = timezone.now()
    times = {"wanted_at": now, "started_at": now, "sent_at": now}
    Attempt.objects.create(destination=row, number=1, error="No answer.", **times)
    return row


def looked_up(row: Destination, link=LINK) -> Complete:
    """The worker's lookup has found the post and is about to be recorded."""
    return Complete(execute(Start(row.pk, row.claim)), Published(ID, link), {}, answered=True)


def confirm_published(row: Destination, link=LINK, **fields):
    return resolve.confirm_published(row.pk, by="operator:ada", link=link, **fields)


BLOCKED_BY_US = """
SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))
"""


class Beside:
    """Runs work on a connection of its own; `outcome` is its result or what it raised."""

    def __init__(self, work):
        self._work = work
        self.outcome: object = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        try:
            self.outcome = self._work()
        except resolve.Taken as failure:
            self.outcome = failure
        finally:
            connection.close()

    def is_waiting(self) -> bool:
        """Whether it waits for a lock that this connection holds."""
        while self._thread.is_alive():
            with connection.cursor() as cursor:
                cursor.execute(BLOCKED_BY_US)
                if cursor.rowcount:
                    return True
        return False

    def end(self) -> object:
        self._thread.join(10)
        return self.outcome


def owners() -> list[uuid.UUID]:
    return list(Destination.objects.filter(status=S.PUBLISHED).values_list("pk", flat=True))


def test_a_lookup_does_not_claim_a_post_that_a_person_is_confirming(doubtful, sought):
    found = looked_up(sought)

    with transaction.atomic():
        confirm_published(doubtful)
        worker = Beside(lambda: execute(found))
        assert worker.is_waiting()

    assert worker.end() == "check_again"
    assert owners() == [doubtful.pk]
    sought.refresh_from_db()
    assert (sought.status, sought.lookups) == (S.UNCONFIRMED, 1)


def test_a_person_cannot_confirm_a_post_that_a_lookup_is_claiming(doubtful, sought):
    found = looked_up(sought)

    with transaction.atomic():
        execute(found)
        person = Beside(lambda: confirm_published(doubtful))
        assert person.is_waiting()

    assert isinstance(person.end(), resolve.Taken)
    assert owners() == [sought.pk]
    doubtful.refresh_from_db()
    assert doubtful.status == S.FAILED


def test_a_lookup_does_not_claim_a_post_confirmed_by_its_link(doubtful, sought):
    without_id = "https://x.com/acme/pinned/"
    assert confirm_published(doubtful, without_id).platform_post_id == ""

    execute(looked_up(sought, f"{without_id}?s=20"))

    assert owners() == [doubtful.pk]


def test_two_lookups_of_one_list_do_not_claim_the_same_post(account, sought):
    fields = {"status": S.UNCONFIRMED, "claim": uuid.uuid4(), "attempts": 1}
    fields["queue"] = "publish.x.upload"  # In one lane they would be looked for in turn.
    other = make_post(account.workspace, [account], **fields).destinations.get()
    found = [looked_up(row) for row in (sought, other)]

    execute_all(found)

    assert owners() == [sought.pk]


def test_private_posts_are_distinguished_by_id(account):
    """TikTok gives such a post neither a public id nor a link of its own."""
    profile = "https://www.tiktok.com/@acme"
    tiktok = make_account(account.workspace, "tiktok")
    fields = {"status": S.UNCONFIRMED, "claim": uuid.uuid4(), "attempts": 1}
    rows = [make_post(account.workspace, [tiktok], **fields).destinations.get() for _ in "12"]
    for row in rows:
        found = Published(f"v_pub_file~{row.pk}", profile)
        execute(Complete(execute(Start(row.pk, row.claim)), found, {}, answered=True))

    assert set(owners()) == {row.pk for row in rows}


def test_a_lookup_learns_which_posts_others_own(doubtful, sought):
    confirm_published(doubtful)
    job = execute(Start(sought.pk, sought.claim))

    assert execute(FindOwners(job, {ID: LINK, "1877": "https://x.com/acme/status/1877"})) == {ID}


@pytest.mark.parametrize("found", [Published(ID, LINK), PartiallyPublished(ID)])
def test_a_lookup_that_lost_its_post_keeps_the_earlier_checkpoint(doubtful, sought, found):
    Destination.objects.filter(pk=sought.pk).update(checkpoint=encryption.seal({"container": "1"}))
    job = execute(Start(sought.pk, sought.claim))
    confirm_published(doubtful)

    execute(Complete(job, found, {"posts": [ID]}, answered=True))

    sought.refresh_from_db()
    assert (sought.status, sought.lookups) == (S.UNCONFIRMED, 1)
    assert encryption.unseal(sought.checkpoint) == {"container": "1"}


def test_a_publish_that_finds_anothers_post_is_unconfirmed(doubtful, account):
    claim = uuid.uuid4()
    row = make_post(account.workspace, [account], claim=claim).destinations.get()
    job = execute(Start(row.pk, claim))
    confirm_published(doubtful)

    execute(Complete(job, Published(ID, LINK, found=True), {"posts": [ID]}, answered=True))

    row.refresh_from_db()
    assert row.status == S.UNCONFIRMED
    assert encryption.unseal(row.checkpoint) == {}


def test_a_publish_answer_does_not_wait_for_a_confirmation(doubtful, account):
    claim = uuid.uuid4()
    row = make_post(account.workspace, [account], claim=claim).destinations.get()
    answered = Complete(execute(Start(row.pk, claim)), Published("1877"), {}, answered=True)

    with transaction.atomic():
        confirm_published(doubtful)
        assert not Beside(lambda: execute(answered)).is_waiting()

    row.refresh_from_db()
    assert row.status == S.PUBLISHED
