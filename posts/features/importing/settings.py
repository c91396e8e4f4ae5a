"""Settings of imports."""

from typing import Any

from posts import rate_windows
from posts.features.importing.formats import files


def read(env: Any) -> dict[str, Any]:
    """Return how many rows of files a workspace may import, and the largest body of any call.

    Of that size are files of posts alone; other calls have less (config/web/bodies.py).
    """
    return {
        "IMPORT_ROW_LIMIT": env.parsed("IMPORT_ROW_LIMIT", "20000/h,50000/day", rate_windows.parse),
        "DATA_UPLOAD_MAX_MEMORY_SIZE": files.BODY_BYTES,
    }
