"""Videos of any size."""

import secrets

from deploy.local.demo import media as demo_media

MEGABYTE = 1024 * 1024


def video(megabytes: int) -> bytes:
    """A playable video, padded to this size with a `free` box, which players skip."""
    playing = demo_media.video("Bench", demo_media.WIDE)
    padding = max(megabytes * MEGABYTE - len(playing), 8)
    return playing + padding.to_bytes(4) + b"free" + secrets.token_bytes(padding - 8)
