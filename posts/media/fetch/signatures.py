"""Recognises the type of a file by its first bytes."""

#: Enough for every signature below.
HEAD_BYTES = 4096

_BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
#: MP4 brands of files that are images, not videos.
_PICTURES = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif"}
#: Boxes that old QuickTime files begin with.
_QUICKTIME_BOXES = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}


def content_type(head: bytes) -> str | None:
    """Return the type, if it is one we accept; None otherwise."""
    for beginning, found in _BEGINNINGS:
        if head.startswith(beginning):
            return found
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return _video_type(head[4:8], head[8:12])


def is_heic(head: bytes) -> bool:
    """Return whether it is an image in the default format of iPhones."""
    return head[4:8] == b"ftyp" and head[8:12] in _PICTURES - {b"avif"}


def _video_type(box: bytes, brand: bytes) -> str | None:
    if box == b"ftyp":
        if brand in _PICTURES:
            return None
        return "video/quicktime" if brand == b"qt  " else "video/mp4"
    return "video/quicktime" if box in _QUICKTIME_BOXES else None
