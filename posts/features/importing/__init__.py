"""Posts from files, and files of posts.

`formats` reads a file into rows and tells rows apart, `create_post` makes the post of one through
`posts.composing` and notes it in the same transaction, so that no row is imported twice. Small
files are imported within the request, larger ones by workers (`imports`, `worker`).
"""

from typing import Any

from posts import rate_windows
from posts.features import PeriodicTask
from posts.features.importing.formats import files

PERIODIC = {
    "Import posts": PeriodicTask(
        "posts.import_posts",
        5,
        "Goes on with imports of files whose message was lost or whose worker died.",
        queue="imports",
        runs=("posts.features.importing.worker.run",),
        when="EXISTS (SELECT FROM posts_import WHERE due_at <= statement_timestamp())",
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


def read_settings(env: Any) -> dict[str, Any]:
    """Return how many rows of files a workspace may import, and the largest body of any call.

    Of that size are files of posts alone; other calls have less (config/web/bodies.py).
    """
    return {
        "IMPORT_ROW_LIMIT": env.parsed("IMPORT_ROW_LIMIT", "20000/h,50000/day", rate_windows.parse),
        "DATA_UPLOAD_MAX_MEMORY_SIZE": files.BODY_BYTES,
    }
