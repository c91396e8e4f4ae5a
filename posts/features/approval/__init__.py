"""Ask people for the approval of posts, and take their `decisions`; `overdue` ends long waits.

Composing and publishing know of it through `hooks`. A post that is not approved has destinations
without a due time, so that nothing can claim them (`hold`). `edits` says what is approved and what
an edit means for it, `record` writes what happened.

Locks are taken in one order: destinations, then their post, then its approval.
"""

from posts.features import PeriodicTask

PERIODIC = {
    "Watch approvals": PeriodicTask(
        "posts.watch_approvals",
        5,
        "Ends the waiting of posts that were not approved in time, and asks reviewers again.",
        queue="refresh",
        runs=(
            "posts.features.approval.overdue.end_missed",
            "posts.features.approval.overdue.remind",
        ),
        when="EXISTS (SELECT FROM posts_approval WHERE expires_at <= statement_timestamp())"
        " OR EXISTS (SELECT FROM posts_approval WHERE remind_at <= statement_timestamp())",
    ),
}
