"""A network that is down: posts wait in their places, single ones probe it, and all go out after.

Against the simulated networks, over real HTTP. Time is moved by moving rows, not waited for.
"""

import itertools

import pytest
from django.utils import timezone

from destinations import pauses
from destinations.dispatch import enqueue, probes
from destinations.models import Account, Attempt, Destination, Event, Outage
from destinations.publishing import worker
from destinations.state import consistency, outages, tries, waiting
from posts.features.webhooks.models import WebhookEvent
from tests.destinations.connected import connect
from tests.destinations.state.rounds import later, play, statuses
from tests.factories import make_account, make_post, make_workspace
from tests.platforms.bluesky.account import SERVER, new_did
from tests.posts.features.webhooks.webhook_factories import make_webhook

pytestmark = pytest.mark.django_db
S = Destination.Status


@pytest.fixture
def workspace():
    return make_workspace()


@pytest.fixture
def accounts(simulator, workspace) -> list[Account]:
    return [connect(simulator, number=f"9{n}", workspace=workspace) for n in range(3)]


@pytest.fixture
def down(settings):
    """Let the networks refuse connections: nothing is sent."""

    def refuse() -> None:
        settings.SIMULATOR_URL = "http://127.0.0.1:9"

    return refuse


@pytest.fixture
def up(simulator, settings):
    def answer() -> None:
        settings.SIMULATOR_URL = simulator.url
        simulator.http.delete("/control/faults").raise_for_status()

    return answer


def posts_to(accounts: list[Account], each: int = 4) -> None:
    for number in range(each):
        make_post(accounts[0].workspace, accounts, content=f"Hello {number}")


def test_a_network_that_answers_no_one_is_down_and_its_posts_wait_in_their_places(
    simulator, accounts, down
):
    make_webhook(accounts[0].workspace)
    down()
    posts_to(accounts)

    play(6)

    (outage,) = Outage.objects.all()
    assert (outage.key, outage.closed_at) == ("network:x", None)
    assert WebhookEvent.objects.filter(event=outages.OPENED).count() == 1
    rows = Destination.objects.all()
    assert {row.status for row in rows} <= {S.QUEUED, S.PUBLISHING}
    assert tries.ROW <= sum(row.attempts for row in rows) <= 12
    now = timezone.now()
    held = [row for row in rows if waiting.outage_of(row, now)]
    assert len(held) == 12
    assert {note.partition(" since")[0] for row in held for note in waiting.notes(row, now)} == {
        "X has been down"
    }
    assert all(waiting.next_try_at(row, now) for row in held)


def test_four_minutes_cost_thirty_tries_at_most_and_none_that_counts(simulator, accounts, down):
    down()
    posts_to(accounts, 30)

    play(240, 2)

    assert Attempt.objects.count() <= 30
    # Those of the tries before the outage was known.
    assert sum(row.failures for row in Destination.objects.all()) < tries.ROW
    assert Destination.objects.filter(status=S.FAILED).count() == 0


def test_two_answered_probes_bring_everything_back_in_order(simulator, accounts, down, up):
    down()
    posts_to(accounts)
    play(60, 3)
    up()

    later(30)
    play(6)

    assert statuses() == {"published": 12}
    assert Outage.objects.get().closed_at
    assert consistency.find(consistency.CHECKS) == []
    shown = {post["text"] for post in simulator.posts("x")}
    assert len(simulator.posts("x")) == 12
    assert shown == {f"Hello {number}" for number in range(4)}


def test_an_outage_of_two_hours_fails_nothing(simulator, accounts, down, up):
    down()
    posts_to(accounts)

    play(60, 3)
    play(7200, 240)
    up()
    later(60)
    play(6)

    assert statuses() == {"published": 12}
    assert len(simulator.posts("x")) == 12
    assert Attempt.objects.exclude(outcome="published").count() <= 30 + 120


def test_a_lone_post_survives_an_outage_too(simulator, accounts, down, up):
    down()
    make_post(accounts[0].workspace, accounts[:1])

    play(10)
    later(1000)
    play(10)

    (outage,) = Outage.objects.all()
    assert outage.key == f"account:{accounts[0].pk}"
    row = Destination.objects.get()
    assert (row.status, row.failures) == (S.QUEUED, tries.ROW - 1)
    play(7200, 240)
    up()
    later(60)
    play(4)
    assert statuses() == {"published": 1}
    # Nothing else could probe, so the one answer ended it.
    assert Outage.objects.get().closed_at


def test_a_refusal_of_one_post_is_no_outage(simulator, workspace):
    account = connect(simulator, "facebook", "81", workspace)
    simulator.fault("facebook", status=500, times=1000)
    make_post(workspace, [account])

    for _ in range(12):
        play(5)
        later(900)

    row = Destination.objects.get()
    assert (row.status, row.attempts, row.next_retry_at) == (S.FAILED, 9, None)
    assert not Outage.objects.exists()


def test_one_account_that_gets_no_answer_does_not_hold_the_others(simulator, accounts):
    simulator.fault("x", account="90", status=503, times=1000)
    posts_to(accounts, 8)

    play(240, 15)

    assert [each.key for each in Outage.objects.all()] == [f"account:{accounts[0].pk}"]
    others = Destination.objects.exclude(account=accounts[0])
    assert {row.status for row in others} == {S.PUBLISHED}


def test_a_server_that_is_down_does_not_hold_the_accounts_of_others(simulator, workspace):
    found = [bluesky_account(simulator, workspace) for _ in range(3)]
    *broken, fine = found
    for each in broken:
        simulator.fault("bluesky", account=each.platform_account_id, status=503, times=1000)
    posts_to(found, 6)

    play(300, 15)

    assert {each.key for each in Outage.objects.all()} == {f"account:{each.pk}" for each in broken}
    assert {row.status for row in fine.destinations.all()} == {S.PUBLISHED}


def bluesky_account(simulator, workspace) -> Account:
    did = new_did()
    token = simulator.connect("bluesky", did, extra=SERVER)
    return make_account(
        workspace, "bluesky", platform_account_id=did, token=token, extra=dict(SERVER)
    )


def test_an_answer_in_between_is_no_outage(simulator, accounts):
    for _ in range(4):
        simulator.fault("x", call="create_post", status=503, times=3)
        posts_to(accounts, 2)
        play(3)

    assert not Outage.objects.exists()


def test_other_networks_go_on(simulator, accounts, workspace):
    threads = connect(simulator, "threads", "71", workspace)
    simulator.fault("x", status=503, times=1000)
    posts_to(accounts)
    play(6)

    make_post(workspace, [threads])
    play(3)

    assert Destination.objects.get(platform="threads").status == S.PUBLISHED


def test_what_has_waited_for_longer_than_the_network_s_patience_fails(simulator, accounts, down):
    down()
    posts_to(accounts, 2)
    play(6)

    later(24 * 3600)
    play(120, 60)

    assert statuses() == {"failed": 6}
    assert set(Destination.objects.values_list("error_code", flat=True)) == {"platform_unavailable"}
    assert not Destination.objects.filter(next_retry_at__isnull=False).exists()


def test_what_a_pause_held_too_does_not_fail(simulator, accounts, down):
    down()
    posts_to(accounts, 2)
    play(6)
    pauses.pause("account", accounts[0].pk, by="operator:ada", reason="Holiday")

    later(24 * 3600)
    play(120, 60)

    assert not Destination.objects.filter(account=accounts[0], status=S.FAILED).exists()
    assert set(
        Destination.objects.exclude(account=accounts[0]).values_list("status", flat=True)
    ) == {S.FAILED}


def test_a_probe_whose_worker_dies_costs_a_lease_and_the_next_one_begins(
    simulator, accounts, down, up
):
    down()
    posts_to(accounts)
    play(6)
    later(20)
    sent = Outage.objects.get().probes
    found, count = probes.claim()  # and its message is lost
    assert (len(found), count > 0) == (1, True)
    assert Outage.objects.get().probes == sent + 1
    assert probes.claim() == ([], 0)
    up()

    later(probes.PROBE_SECONDS + 1)
    play(4)
    later(60)
    play(4)

    assert statuses() == {"published": 12}
    assert len(simulator.posts("x")) == 12


def test_a_pause_of_the_operator_holds_probes_too(simulator, accounts, down, up):
    down()
    posts_to(accounts)
    play(6)
    made = pauses.pause("network", "x", by="operator:ada", reason="Down")
    before = Attempt.objects.count()
    play(60, 3)
    assert Attempt.objects.count() == before

    up()
    pauses.resume(made.pk, by="operator:ada")
    play(8)
    assert statuses() == {"published": 12}


def test_a_retry_that_waits_is_brought_forward_when_the_network_is_back(
    simulator, accounts, down, up
):
    down()
    make_post(accounts[0].workspace, accounts[:1])
    play(10)
    assert Destination.objects.get().status == S.FAILED
    posts_to(accounts)
    play(6)
    assert Outage.objects.get().key == "network:x"
    up()

    later(30)
    play(8)

    assert statuses() == {"published": 13}


def test_lookups_probe_a_network_whose_refusals_prove_nothing(simulator, accounts, up):
    simulator.fault("x", status=503, times=10_000)
    posts_to(accounts, 6)
    play(10)
    play(3600, 240)
    sent = Attempt.objects.filter(sent_at__isnull=False).count()
    assert Outage.objects.get().key == "network:x"
    # What may be public is asked for; no more is sent.
    assert statuses() == {"unconfirmed": sent, "queued": 18 - sent}
    assert tries.ROW <= sent <= 2 * tries.ROW

    up()
    later(60)
    play(10)
    assert statuses().get("published", 0) >= 18 - sent
    play(900, 60)
    assert statuses() == {"published": 18}
    assert len(simulator.posts("x")) == 18


def test_a_network_that_answers_lookups_and_takes_no_posts_stays_down(simulator, accounts, up):
    simulator.fault("x", call="create_post", status=503, times=10_000)
    posts_to(accounts, 10)
    play(10)
    play(1200, 120)
    assert Outage.objects.filter(closed_at__isnull=True).count() == 1
    assert Attempt.objects.filter(sent_at__isnull=False).count() <= 30


def test_what_is_put_back_is_told_as_one_move(simulator, accounts, down):
    down()
    posts_to(accounts)
    play(30, 3)

    row = Destination.objects.filter(events__move="put_back", status=S.QUEUED).first()
    last = Event.objects.filter(destination=row).order_by("id").last()
    assert (last.move, last.from_status, last.to_status) == ("put_back", "publishing", "queued")


def test_the_next_probe_is_of_another_account(simulator, accounts, down):
    down()
    posts_to(accounts)
    play(6)
    chosen = []
    for _ in range(3):
        later(61)
        (found,), _ = probes.claim()
        chosen.append(found.account_id)
        worker.publish([found])
    assert all(a != b for a, b in itertools.pairwise(chosen))


def test_between_quick_tries_a_post_keeps_its_turn(simulator, accounts, down):
    down()
    posts_to(accounts)
    play(6)
    between = Destination.objects.filter(status=S.PUBLISHING, next_retry_at__isnull=False)

    for _ in range(6):
        later(61)
        (found,), _ = probes.claim()
        assert set(between.filter(account=found.account_id)) <= {
            Destination.objects.get(pk=found.id)
        }
        worker.publish([found])


def test_an_outage_for_whose_end_nothing_waits_any_more_ends(simulator, accounts, down):
    down()
    posts_to(accounts)
    play(6)
    Destination.objects.update(due_at=None, claim=None)

    later(61)
    assert probes.claim() == ([], 0)

    assert Outage.objects.get().closed_at


def test_the_tick_sends_probes(simulator, accounts, down, settings, monkeypatch):
    down()
    posts_to(accounts)
    play(6)
    later(61)
    sent = []
    monkeypatch.setattr(enqueue, "send", lambda rows: sent.append(rows) or True)

    enqueue.tick()

    assert [len(rows) for rows in sent] == [1]
