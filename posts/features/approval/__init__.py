"""People ask for the approval of posts, and decide: `requests`, `decisions`.

`missed` ends the waiting of posts whose time has passed. What an approval means for composing and
publishing is `posts.features.approval.state`.
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
    ),
}
