"""Posts from files, and files of posts.

`formats` reads a file into rows and tells rows apart, `row_posts` makes the post of one through
`posts.composing` and notes it in the same transaction, so that no row is imported twice. Small
files are imported within the request (`inline`), larger ones by workers (`imports`, `worker`).
"""

from posts.features import PeriodicTask

PERIODIC = {
    "Import posts": PeriodicTask(
        "posts.import_posts",
        5,
        "Goes on with imports of files whose message was lost or whose worker died.",
        queue="imports",
        runs=("posts.features.importing.worker.run",),
    ),
    "Forget imports": PeriodicTask(
        "posts.forget_imports",
        60 * 60,
        "Deletes imports of files after 30 days; their posts stay.",
        queue="refresh",
        runs=("posts.features.importing.imports.forget",),
    ),
}
#: On call may stop what should not go on.
RIGHTS = {"posts.import": ("view", "change")}
