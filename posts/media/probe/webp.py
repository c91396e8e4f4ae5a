"""WebP: RIFF chunks.

Source: https://developers.google.com/speed/webp/docs/riff_container (read 2026-11-25).
"""

from collections.abc import Iterator

from posts.media.probe.facts import UnreadableFile
from posts.media.probe.part import MAX_FRAMES, Content, FilePart, after, check_count

MAX_CHUNKS = 10_000
_HEADER_BYTES = 12
_NEEDED = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
#: Bits of the first byte of VP8X that announce EXIF and XMP.
_ANNOUNCED = 0x0C


def parts(content: Content) -> Iterator[FilePart]:
    """Raises UnreadableFile."""
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        raise UnreadableFile("The file is not a whole WEBP image.")
    riff_end = after(content, 8, int.from_bytes(content[4:8], "little"), "WEBP")
    yield FilePart("RIFF", 0, _HEADER_BYTES)
    place, chunks, frames = _HEADER_BYTES, 0, 0
    while place + 8 <= riff_end:
        name = content[place : place + 4]
        length = int.from_bytes(content[place + 4 : place + 8], "little")
        end = min(after(content, place, 8 + length, "WEBP") + length % 2, len(content))
        chunks += 1
        frames += name == b"ANMF"
        check_count(chunks, MAX_CHUNKS, "chunks")
        check_count(frames, MAX_FRAMES, "frames")
        yield FilePart(name.decode("latin-1"), place, end, name not in _NEEDED)
        place = end
    if place < len(content):
        yield FilePart("rest", place, len(content), is_private=True)


def joined(content: Content, kept: list[FilePart]) -> bytes:
    """Return a file of these parts, with a header that announces no others."""
    body = bytearray(b"".join(content[part.start : part.end] for part in kept))
    body[4:8] = (len(body) - 8).to_bytes(4, "little")
    if body[12:16] == b"VP8X":
        body[20] &= ~_ANNOUNCED & 0xFF
    return bytes(body)
