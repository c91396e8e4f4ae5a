"""Webhooks: who gets which events, their deliveries, and what is sent.

Events are written by `posts.outbox`, in the transaction of what happened. HTTP is in `platforms`.
"""

from posts.features import PeriodicTask

PERIODIC = {
    "Deliver webhooks": PeriodicTask(
        "posts.deliver_webhooks",
        1,
        "Sends events to customers' webhooks, also those whose last attempt failed.",
        queue="webhooks",
        runs=("posts.features.webhooks.delivery.engine.wake",),
        when="EXISTS (SELECT FROM posts_webhookdelivery WHERE due_at IS NOT NULL)"
        " OR EXISTS (SELECT FROM posts_webhookevent WHERE fanned_out_at IS NULL)",
    ),
    "Forget webhook events": PeriodicTask(
        "posts.forget_webhooks",
        60 * 60,
        "Deletes events of webhooks and their log after 30 days.",
        queue="refresh",
        runs=("posts.features.webhooks.retention.forget",),
    ),
}
RIGHTS = {"posts.webhook": ("view", "change"), "posts.webhookdelivery": ("view", "change")}
GROWING = ("posts_webhookattempt", "posts_webhookdelivery", "posts_webhookevent")
