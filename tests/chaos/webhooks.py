"""Receivers of webhooks that misbehave, and workers that die on the way to them."""

import time

from tests.chaos.ground import WORKERS, Ground
from tests.chaos.hooks import BACKLOG, ENV, Hooks, hooks
from tests.chaos.scenario import Scenario

#: How often both workers are killed.
KILLS = 3
WIPES = 5
#: Events for a receiver that does not answer.
MANY = 10_000
#: What another receiver waits for its event, with a tick, on a machine that is busy with others.
SOON_SECONDS = 20.0

IN_FLIGHT = "SELECT count(*) FROM posts_webhookdelivery WHERE claim IS NOT NULL"
#: One that is committed and not sent, at any step on its way.
UNSENT = """
SELECT count(*) FROM posts_webhookevent e WHERE fanned_out_at IS NULL
    OR EXISTS (SELECT FROM posts_webhookdelivery d WHERE d.event_id = e.id AND d.attempts = 0)
"""
#: So many deliveries of old events that wait for one webhook.
FILL = f"""
WITH made AS (
    INSERT INTO posts_webhookevent (workspace_id, event, data, body, fanned_out_at)
    SELECT w.workspace_id, '{BACKLOG}', '', '{{"data":{{}},"number":' || number || '}}', now()
    FROM posts_webhook w, generate_series(1, %s) AS number WHERE w.id = %s
    RETURNING id
), waiting AS (
    INSERT INTO posts_webhookdelivery (webhook_id, event_id, due_at)
    SELECT %s, id, now() - interval '1 hour' FROM made RETURNING 1
)
SELECT count(*) FROM waiting
"""
LEFT = """
SELECT (SELECT count(*) FROM posts_webhookdelivery WHERE webhook_id = %s)
     + (SELECT count(*) FROM posts_webhookattempt a WHERE NOT EXISTS (
           SELECT FROM posts_webhookdelivery d WHERE d.id = a.delivery_id))
"""
WAITED = """
SELECT COALESCE(max(extract(epoch FROM a.attempted_at - e.created_at)), 0)::float
FROM posts_webhookattempt a JOIN posts_webhookdelivery d ON d.id = a.delivery_id
JOIN posts_webhookevent e ON e.id = d.event_id
WHERE d.webhook_id = %s AND a.attempt_number = 1
"""
FORGET = "from posts.features.webhooks import retention; retention.forget()"
STATE = "SELECT is_active, auto_disabled_at IS NOT NULL FROM posts_webhook WHERE id = %s"


def killed(ground: Ground) -> None:
    """Workers die while events are committed and not sent, and while requests are in flight."""
    with hooks(ground) as held:
        held.make("slow", "slow/2")
        for _ in range(KILLS):
            ground.start_workers()
            ground.ask()
            ground.until("events are not sent", lambda: ground.stack.rows(UNSENT)[0][0])
            ground.until("some are being sent", lambda: ground.stack.rows(IN_FLIGHT)[0][0])
            ground.pause(ground.rng.uniform(0, 1.5))
            for name in WORKERS:
                ground.stack.kill(name)
        ground.broken()
        held.answers("slow", "ok")
        ground.start_workers()
        _end(ground, held)


def broken_receivers(ground: Ground) -> None:
    """Receivers that each fail in their own way, and one that does not, which waits for none."""
    ways = {
        "hangs": "hang",
        "cuts": "cut",
        "redirects": "redirect",
        "fails": "status/500",
        "busy": "retry/3600",
        "gone": "status/410",
    }
    with hooks(ground) as held:
        for name, answers in ways.items():
            held.make(name, answers)
        well = held.make("well")
        ground.ask()
        ground.settle()
        ground.until("the healthy one has all", lambda: _has_all(ground, well))
        _assert_soon(ground, well)
        ground.until("each was tried", lambda: all(held.received(name) for name in ways))
        pk = held.made["gone"][0]
        ground.until("410 ends it", lambda: ground.stack.rows(STATE, pk) == [(False, True)])
        redirected = [row for row in held.received() if row["path"] == "/ok"]
        assert not redirected, "A redirect was followed."
        assert held.open(), "Nothing waits for a retry."
        for name in ways:
            held.answers(name, "ok")
        held.recover("gone")
        ground.broken()
        _end(ground, held)


def redis_wiped(ground: Ground) -> None:
    with hooks(ground) as held:
        held.make("slow", "slow/1")
        for _ in range(WIPES):
            ground.ask()
            ground.until("events are not sent", lambda: ground.stack.rows(UNSENT)[0][0])
            ground.stack.broker.flushall()
        ground.broken()
        held.answers("slow", "ok")
        _end(ground, held)


def deleted(ground: Ground) -> None:
    """A webhook is deleted while deliveries wait for it and some are on their way."""
    with hooks(ground) as held:
        pk = held.make("deleted", "slow/3")
        held.make("stays")
        ground.stack.rows(FILL, MANY, pk, pk)
        ground.ask()
        ground.until("some are being sent", lambda: held.received("deleted"))
        held.delete("deleted")
        ground.broken()
        ground.pause(15)  # what was on its way has arrived
        before = len(held.received("deleted"))
        ground.ask()
        ground.settle()
        held.settle()
        assert len(held.received("deleted")) == before, "It was called after it was deleted."
        ground.stack.command("manage.py", "shell", "-c", FORGET)
        assert ground.stack.rows(LEFT, pk) == [(0,)], "Something is left of it."
        _end(ground, held)


def two_workers(ground: Ground) -> None:
    """Three workers want the same rows; without a crash each is sent exactly once."""
    with hooks(ground) as held:
        ground.start_worker("worker three")
        pk = held.make("fast")
        ground.stack.rows(FILL, MANY // 10, pk, pk)
        ground.ask()
        _end(ground, held)
        keys = [row["headers"]["webhook-id"] for row in held.received()]
        assert len(keys) == len(set(keys)), "One was sent twice."


def flood(ground: Ground) -> None:
    """Ten thousand events for a receiver that does not answer delay no post and no receiver."""
    with hooks(ground) as held:
        dead, well = held.make("dead"), held.make("well")
        ground.ask()
        ground.settle()
        held.settle()
        before = _longest_lag(ground)
        held.answers("dead", "hang")
        ground.stack.rows(FILL, MANY, dead, dead)
        ground.until("the dead one is tried", lambda: ground.stack.rows(IN_FLIGHT)[0][0])
        ground.broken()
        since = time.monotonic()
        ground.ask()
        ground.settle()
        ground.until("the healthy one has all", lambda: _has_all(ground, well))
        took = time.monotonic() - since
        _assert_soon(ground, well)
        lag = _longest_lag(ground)
        assert lag < before + SOON_SECONDS, f"Posts began {lag:.1f} s late, {before:.1f} before."
        waited = ground.stack.rows(WAITED, well)[0][0]
        print(
            f"lag {before:.2f} s before, {lag:.2f} s beside {MANY}; the other receiver waited "
            f"{waited:.2f} s; all in {took:.0f} s"
        )
        held.answers("dead", "ok")
        _end(ground, held, within_seconds=900)


LAG = """
SELECT COALESCE(max(extract(epoch FROM a.started_at - a.wanted_at)), 0)::float
FROM destinations_attempt a WHERE a.number = 1 AND a.started_at > now() - interval '3 minutes'
"""


def _longest_lag(ground: Ground) -> float:
    return float(ground.stack.rows(LAG)[0][0])


def _has_all(ground: Ground, pk: str) -> bool:
    """Whether every event of a destination's end was delivered to this webhook."""
    sql = f"""SELECT count(*) FILTER (WHERE d.status IS DISTINCT FROM 'success'), count(*)
             FROM posts_webhookevent e LEFT JOIN posts_webhookdelivery d
             ON d.event_id = e.id AND d.webhook_id = %s WHERE e.event <> '{BACKLOG}'"""
    missing, count = ground.stack.rows(sql, pk)[0]
    return bool(count) and not missing


def _assert_soon(ground: Ground, pk: str) -> None:
    waited = ground.stack.rows(WAITED, pk)[0][0]
    assert waited < SOON_SECONDS, f"The healthy receiver waited {waited:.1f} s."


def _end(ground: Ground, held: Hooks, within_seconds: float = 300) -> None:
    """All posts and deliveries come to their end, and the books are compared."""
    ground.settle()
    held.settle(within_seconds)
    held.verdicts()


SCENARIOS = [
    Scenario(
        "webhook-killed",
        "A worker may die between the commit of an event and its delivery.",
        killed,
        env=ENV,
    ),
    Scenario(
        "webhook-broken-receivers",
        "Receivers may hang, cut, redirect, or answer 500, 410 and 429: another one waits for "
        "none of them, and once they are mended they get everything.",
        broken_receivers,
        env=ENV,
    ),
    Scenario("webhook-redis-wiped", "Redis may be wiped under events.", redis_wiped, env=ENV),
    Scenario(
        "webhook-deleted",
        "A webhook may be deleted while deliveries wait for it: it is called no more, and nothing "
        "is left.",
        deleted,
        env=ENV,
    ),
    Scenario(
        "webhook-two-workers",
        "Many workers may want the same deliveries: without a crash each is sent once.",
        two_workers,
        env=ENV,
    ),
    Scenario(
        "webhook-flood",
        "Ten thousand events for a receiver that does not answer delay no post and no other "
        "receiver.",
        flood,
        env=ENV,
    ),
]
