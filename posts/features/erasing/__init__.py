"""Erase a customer: a workspace or an account, with all that names it. See README.md."""

from posts.features import PeriodicTask

PERIODIC = {
    "Erase customers": PeriodicTask(
        "posts.erase",
        30,
        "Goes on erasing workspaces and accounts that wait for posts in flight.",
        queue="refresh",
        runs=("posts.features.erasing.erase.work_all",),
        when="EXISTS (SELECT FROM posts_erasure WHERE ended_at IS NULL"
        " OR ended_at > statement_timestamp() - interval '10 minutes')",
    )
}
#: An administrator may begin one.
RIGHTS = {"posts.erasure": ("view", "", "add")}
