"""A network that answers takes every post within a minute, no matter what others do (L1, L2).

Played over real HTTP, as in `test_breaker`: bad posts, accounts and customers beside good ones.
"""

import uuid
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from destinations import pauses
from destinations.dispatch import probes
from destinations.models import Account, Attempt, Destination, Outage, UnansweredTry
from destinations.publishing import worker
from destinations.state import breaker, outages, tries
from platforms.drafts import Draft, Media
from posts.features.webhooks.models import WebhookEvent
from tests.destinations.connected import connect
from tests.destinations.dispatch.rows import make_rows
from tests.destinations.state.rounds import later, play, round_of, statuses
from tests.factories import make_post, make_workspace
from tests.platforms.driver import image
from tests.posts.features.webhooks.webhook_factories import make_webhook

pytestmark = pytest.mark.django_db
S = Destination.Status


@pytest.fixture
def picture(settings) -> Draft:
    """A post whose file X answers with an error, once `refuse_pictures` says so."""
    memory = "django.core.files.storage.InMemoryStorage"
    options = {"base_url": "https://files.example/"}
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": memory, "OPTIONS": options}}
    content = image()
    key = default_storage.save("media/picture.png", ContentFile(content))
    file = Media(key, "image", "image/png", "picture.png", len(content))
    return Draft("With a picture", (file,))


def refuse_pictures(simulator, status: int) -> None:
    for call in ("upload_media", "initialize"):
        simulator.fault("x", call=call, status=status, times=10_000)


def good(simulator, count: int, network: str = "x") -> list[Account]:
    """Accounts of as many customers."""
    return [connect(simulator, network, f"5{n}") for n in range(count)]


def published(accounts: list[Account]) -> list[str]:
    return list(Destination.objects.filter(account__in=accounts).values_list("status", flat=True))


def post_once_more(accounts: list[Account], count: int = 1) -> None:
    """Networks refuse the same text a second time."""
    for _ in range(count):
        for account in accounts:
            make_post(account.workspace, [account], content=f"Hello {uuid.uuid4()}")


def open_outage(platform: str = "x", scope: str = "network", target: object = "") -> Outage:
    now = timezone.now()
    return Outage.objects.create(
        scope=scope, target=str(target or platform), platform=platform, name=platform, error="503",
        opened_at=now, probe_at=now - timedelta(seconds=1),
    )  # fmt: skip


def test_one_customer_s_bad_files_hold_no_other_customer(simulator, picture):
    customer = make_workspace()
    bad = [connect(simulator, number=f"9{n}", workspace=customer) for n in range(2)]
    others = good(simulator, 3)
    for account in others:
        make_webhook(account.workspace)
    refuse_pictures(simulator, 500)
    for _ in range(3):
        make_post(customer, bad, draft=picture)
    play(12)
    post_once_more(others, 2)

    play(6)

    assert published(others) == [S.PUBLISHED] * 6
    assert {each.scope for each in Outage.objects.all()} == {Outage.Scope.ACCOUNT}
    assert not WebhookEvent.objects.filter(event=outages.OPENED).exists()


def test_an_outage_that_bad_posts_of_several_customers_open_ends_by_the_good_ones(
    simulator, picture
):
    bad, others = [connect(simulator, number=f"9{n}") for n in range(2)], good(simulator, 2)
    refuse_pictures(simulator, 500)
    for account in bad * 3:
        make_post(account.workspace, [account], draft=picture)
    play(12)
    assert Outage.objects.filter(scope="network").exists()
    post_once_more(others, 2)

    play(20)

    assert published(others) == [S.PUBLISHED] * 4
    assert Outage.objects.filter(scope="network", closed_at__isnull=False).exists()


def test_a_probe_that_fails_while_others_get_through_spends_a_try(simulator, picture):
    """So a bad post comes to an end, also if an outage is all it ever meets."""
    bad, fine = connect(simulator, number="90"), connect(simulator, number="91")
    refuse_pictures(simulator, 500)
    make_post(bad.workspace, [bad], draft=picture)
    outage = open_outage()
    Outage.objects.update(answered=1)

    round_of()

    row = Destination.objects.get()
    assert (row.status, row.failures) == (S.PUBLISHING, 1)
    assert row.next_retry_at
    outage.refresh_from_db()
    assert (outage.answered, outage.closed_at) == (0, None)
    make_post(fine.workspace, [fine])
    later(breaker.LONGEST_PAUSE.total_seconds())
    play(3)
    assert published([fine]) == [S.PUBLISHED]


def test_posts_that_cannot_be_sent_hide_no_post_that_can(simulator, picture):
    """A thousand older ones each, of a paused customer and of an account that is limited."""
    paused, limited, dead = good(simulator, 3)
    for account in (paused, limited, dead):
        make_rows([account], 1_100, due_in_seconds=-600)
    pauses.pause("workspace", paused.workspace_id, by="operator:ada", reason="Unpaid")
    soon = timezone.now() + timedelta(hours=1)
    Account.objects.filter(pk=limited.pk).update(held_until=soon)
    Account.objects.filter(pk=dead.pk).update(needs_reconnection_since=timezone.now())
    fine = connect(simulator, number="91")
    post = make_post(fine.workspace, [fine])
    open_outage()

    (probe,), _ = probes.claim()

    assert probe.id == post.destinations.get().pk


def test_waiting_posts_of_other_servers_hide_no_account(simulator):
    other, mine = good(simulator, 2)
    make_rows([other], 1_100, due_in_seconds=-600)
    post = make_post(mine.workspace, [mine])
    open_outage(scope="account", target=mine.pk)

    (probe,), _ = probes.claim()

    assert probe.id == post.destinations.get().pk


@pytest.mark.parametrize("status", [500, 503])
def test_a_bad_post_does_not_hold_the_good_ones_of_its_account(simulator, picture, status):
    account = connect(simulator)
    refuse_pictures(simulator, status)
    for _ in range(2):
        make_post(account.workspace, [account], draft=picture)
    play(12)
    assert Outage.objects.get().key == f"account:{account.pk}"
    post_once_more([account], 3)

    play(20)

    texts = Destination.objects.filter(draft__text__startswith="Hello")
    assert set(texts.values_list("status", flat=True)) == {S.PUBLISHED}


def test_a_bad_post_hides_no_good_one_that_an_outage_has_put_back(simulator, picture):
    account = connect(simulator)
    refuse_pictures(simulator, 500)
    make_post(account.workspace, [account], draft=picture)
    post_once_more([account])
    open_outage(scope="account", target=account.pk)
    Destination.objects.update(error_code="platform_unavailable")

    play(60)

    assert statuses()["published"] == 1


def test_workspaces_and_their_accounts_probe_in_turn(simulator):
    simulator.fault("x", call="create_post", status=503, times=10_000)
    large = make_workspace()
    accounts = [connect(simulator, number=f"9{n}", workspace=large) for n in range(3)]
    small = connect(simulator, number="80")
    post_once_more(accounts, 4)
    post_once_more([small], 4)
    open_outage()

    probed = []
    for _ in range(4):
        (probe,), _ = probes.claim()
        probed.append(probe.account_id)
        worker.publish([probe])
        later(breaker.LONGEST_PAUSE.total_seconds())

    assert [each == small.pk for each in probed].count(True) == 2
    assert len(set(probed)) == 3


def note_a_try(account: Account, *, is_unreachable: bool) -> None:
    """The account's first post failed a minute ago."""
    row = Destination.objects.filter(account=account).order_by("created_at")[0]
    names = "x", account.pk, account.workspace_id, row.pk, 1, "platform_unavailable", 500
    at = timezone.now() - timedelta(minutes=1)
    tries.record(tries.Try(*names, is_unreachable), at, in_outage=False)
    Destination.objects.filter(pk=row.pk).update(error_code="platform_unavailable")


def probe_last(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(probed_at=timezone.now())


def test_posts_that_were_not_tried_take_no_turn_of_an_account_whose_post_was(simulator):
    """It may have been tried while the network was down, and a customer may have many others."""
    dead, fine = good(simulator, 2)
    post_once_more([dead], 10)
    post_once_more([fine])
    note_a_try(fine, is_unreachable=False)
    open_outage()
    probe_last(dead)

    (probe,), _ = probes.claim()

    assert probe.account_id == fine.pk


def test_an_account_that_was_answered_is_asked_once_more(simulator):
    """If the next were a dead account, two answers in a row would never come."""
    dead, fine = good(simulator, 2)
    post_once_more([dead, fine])
    open_outage()
    Outage.objects.update(answered=1, probe_account=fine.pk)
    probe_last(fine)

    (probe,), _ = probes.claim()

    assert probe.account_id == fine.pk


@pytest.mark.parametrize("is_unreachable", [True, False])
def test_a_post_that_failed_goes_last_unless_the_network_was_not_reached(simulator, is_unreachable):
    """No matter what becomes of the probes of others."""
    account, dead = good(simulator, 2)
    post_once_more([account], 2)
    note_a_try(account, is_unreachable=is_unreachable)
    post_once_more([dead])
    note_a_try(dead, is_unreachable=True)
    open_outage()
    probe_last(dead)

    (probe,), _ = probes.claim()

    first, second = Destination.objects.filter(account=account).order_by("created_at")
    assert probe.id == (first if is_unreachable else second).pk


@pytest.mark.parametrize(("is_reached", "longest"), [(True, 2), (False, 15)])
def test_probes_follow_each_other_sooner_while_the_network_is_reached(
    simulator, picture, is_reached, longest
):
    """As many bad posts may be before a good one's turn."""
    account = connect(simulator)
    make_post(account.workspace, [account], draft=picture)
    refuse_pictures(simulator, 500)
    if not is_reached:
        simulator.fault("x", status=503, times=10_000)
    open_outage()
    Outage.objects.update(probes=10)

    round_of()

    pause = Outage.objects.get().probe_at - timezone.now()
    assert timedelta(seconds=longest - 2) < pause <= timedelta(seconds=longest)


def test_probes_that_fail_prove_no_other_outage(simulator):
    """After the end of one, a single failure is of its own post."""
    account, other = good(simulator, 2)
    post_once_more([account], 6)
    outage = open_outage()
    simulator.fault("x", status=503, times=10_000)
    play(60, 5)
    simulator.http.delete("/control/faults").raise_for_status()
    outages.close(outage)
    assert UnansweredTry.objects.filter(in_outage=True).count() >= tries.ROW
    simulator.fault("x", call="create_post", status=503, times=1)

    post_once_more([other])
    round_of()

    assert Outage.objects.filter(closed_at=None).count() == 0


@pytest.mark.parametrize("why", ["missed", "switched off", "limited"])
def test_the_next_probe_begins_at_once_if_one_is_not_sent(simulator, why):
    account, fine = good(simulator, 2)
    row = make_post(account.workspace, [account]).destinations.get()
    make_post(fine.workspace, [fine])
    outage = open_outage()
    Account.objects.filter(pk=fine.pk).update(probed_at=outage.opened_at)
    (probe,), _ = probes.claim()
    assert probe.id == row.pk
    now = timezone.now()
    if why == "missed":
        Destination.objects.filter(pk=row.pk).update(not_after=now)
    elif why == "limited":
        Account.objects.filter(pk=account.pk).update(held_until=now + timedelta(hours=1))
    else:
        Account.objects.filter(pk=account.pk).update(is_active=False)

    worker.publish([probe])

    outage.refresh_from_db()
    assert (outage.probe, outage.answered) == (None, 0)
    (probe,), _ = probes.claim()
    assert probe.account_id == fine.pk


def test_a_network_and_its_account_that_are_both_down_are_probed_by_one_post(simulator):
    account = connect(simulator)
    post_once_more([account], 3)
    open_outage()
    open_outage(scope="account", target=account.pk)

    play(10)

    assert statuses() == {"published": 3}
    assert max(Outage.objects.values_list("probes", flat=True)) <= 3
    assert not Outage.objects.filter(closed_at=None).exists()


def test_a_clock_that_was_ahead_holds_neither_accounts_nor_probes(simulator):
    account, other = good(simulator, 2)
    ahead = timezone.now() + timedelta(days=1)
    Account.objects.filter(pk=account.pk).update(doubt_until=ahead)
    open_outage(scope="account", target=other.pk)
    Outage.objects.update(probe_at=ahead)
    post_once_more([account, other])

    play(3)

    assert statuses() == {"published": 2}


def test_a_probe_that_is_not_answered_forgets_no_part_that_is_public(simulator):
    account = connect(simulator)
    simulator.fault("x", status=503, times=10_000)
    said = "The first part is public: https://x.com/acme/status/1."
    make_post(account.workspace, [account], error=said, error_code="platform_unavailable")
    open_outage()

    round_of()

    row = Destination.objects.get()
    assert (row.status, row.attempts) == (S.QUEUED, 1)
    assert row.error.endswith(said)
    assert row.error != said


def test_what_a_probe_learns_of_our_own_faults_is_no_answer(simulator, picture):
    account = connect(simulator)
    default_storage.delete(picture.media[0].key)
    make_post(account.workspace, [account], draft=picture)
    outage = open_outage()

    round_of()

    outage.refresh_from_db()
    assert Attempt.objects.get().outcome == "internal_error"
    assert (outage.probe, outage.answered, outage.closed_at) == (None, 0, None)


def test_an_outage_of_a_quiet_network_shows_beside_a_busy_one(simulator):
    """The tries of others, however many, push none of its own out of sight."""
    accounts = good(simulator, 2, "facebook")
    simulator.fault("facebook", status=503, times=10_000)
    post_once_more(accounts)
    play(2)
    assert 0 < UnansweredTry.objects.count() < tries.ROW
    assert not Outage.objects.exists()
    row = Destination.objects.first()
    busy = ("x", 1, row.workspace_id, 7, timezone.now(), 503, "platform_unavailable", False)
    names = ("platform", "account_number", "workspace_id", "attempt", "at", "http_status",
             "outcome", "is_unreachable")  # fmt: skip
    UnansweredTry.objects.bulk_create(
        UnansweredTry(destination_id=uuid.uuid4(), **dict(zip(names, busy, strict=True)))
        for _ in range(1_100)
    )

    post_once_more(accounts)
    play(20)

    assert [each.key for each in Outage.objects.all()] == ["network:facebook"]


def test_a_repeated_commit_counts_a_failed_try_once(simulator):
    tried = tries.Try("x", 1, uuid.uuid4(), uuid.uuid4(), 1, tries.LOST, 503, False)
    for _ in range(tries.ROW):
        tries.record(tried, timezone.now(), in_outage=False)
    assert UnansweredTry.objects.count() == 1


@pytest.mark.parametrize("network", ["telegram", "x", "threads"])
def test_a_network_that_answers_no_one_gets_no_more_posts_into_doubt(simulator, network):
    """Also where no lookup tells what became of a post: a probe asks before it sends."""
    accounts = good(simulator, 3, network)
    simulator.fault(network, status=503, times=10_000)
    post_once_more(accounts, 3)
    play(60, 5)
    assert Outage.objects.get().key == f"network:{network}"
    sent = Attempt.objects.filter(sent_at__isnull=False).count()

    play(4 * 3600, 600)

    assert Attempt.objects.filter(sent_at__isnull=False).count() == sent
    assert statuses()["queued"] >= len(accounts * 3) - sent


def test_probes_that_cost_a_post_each_become_rare(simulator):
    """Telegram answers questions, loses posts, and cannot be asked what became of them."""
    account = connect(simulator, "telegram", "51")
    simulator.fault("telegram", call="send", status=503, times=10_000)
    post_once_more([account], 60)

    for seconds in [15] * 20 + [60] * 30 + [300] * 20:
        round_of()
        round_of()
        later(seconds)

    assert 5 <= statuses()["failed"] <= 40
    simulator.http.delete("/control/faults").raise_for_status()
    later(900)
    play(6)
    assert statuses()["published"] >= 20


def test_a_readable_refusal_is_no_sign_of_an_outage():
    for status, is_failure in ((422, False), (403, False), (408, True), (500, True), (None, True)):
        tried = tries.Try("x", 1, uuid.uuid4(), uuid.uuid4(), 1, tries.LOST, status, False)
        assert tried.is_failure is is_failure, status


def test_posts_of_an_account_go_out_in_their_order_after_an_outage(simulator):
    account, other = good(simulator, 2)
    simulator.fault("x", status=503, times=10_000)
    for number in range(10):
        make_post(account.workspace, [account], content=f"Post {number}")
        make_post(other.workspace, [other], content=f"Other {number}")
    play(120, 5)
    simulator.http.delete("/control/faults").raise_for_status()

    play(700, 10)

    assert statuses() == {"published": 20}
    in_doubt = set(Attempt.objects.filter(outcome="not_published").values_list(
        "destination__draft__text", flat=True))  # fmt: skip
    shown = [post["text"] for post in reversed(simulator.posts("x"))]
    in_order = [text for text in shown if text not in in_doubt]
    # The two send at the same moment.
    assert len(in_doubt) <= tries.ROW + 1
    for name in ("Post", "Other"):
        of_account = [text for text in in_order if text.startswith(name)]
        assert of_account == sorted(of_account)


def test_a_retry_keeps_its_place_before_younger_posts(simulator):
    account = connect(simulator)
    simulator.fault("x", call="create_post", status=429, times=1)
    first = make_post(account.workspace, [account], content="First").destinations.get()
    round_of()
    place = first.wanted_at
    make_post(account.workspace, [account], content="Second")
    first.refresh_from_db()
    assert (first.next_retry_at is not None, first.lane_at) == (True, place)
    later(3600)
    Account.objects.update(held_until=None)

    play(3)

    assert [post["text"] for post in simulator.posts("x")][::-1] == ["First", "Second"]
