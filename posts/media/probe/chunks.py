"""PNG and WebP: a head, and chunks, of which decoders need some.

Source: https://www.w3.org/TR/png-3/#5Chunk-layout and
https://developers.google.com/speed/webp/docs/riff_container (read 2026-11-25).
"""

from collections.abc import Iterator

from posts.media.probe.facts import (
    MAX_FRAMES,
    Content,
    FilePart,
    UnreadableFile,
    after,
    check_count,
)

#: 20 MB in chunks of 8 KB, the usual size, are 2,500.
MAX_PNG_CHUNKS, MAX_WEBP_CHUNKS = 50_000, 10_000
SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: The chunks that decoders need to show the picture correctly.
_PNG_NEEDED = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs acTL fcTL "
    b"fdAT".split()
)
_WEBP_NEEDED = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_RIFF_BYTES = 12
#: Bits of the first byte of VP8X that announce EXIF and XMP.
_ANNOUNCED = 0x0C


def png_parts(content: Content) -> Iterator[FilePart]:
    """Raises UnreadableFile."""
    if content[:8] != SIGNATURE:
        raise UnreadableFile("The file is not a whole PNG image.")
    yield FilePart("signature", 0, 8)
    place, chunks, frames = 8, 0, 0
    while place < len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        name = content[place + 4 : place + 8]
        end = after(content, place, length + 12, "PNG")
        chunks += 1
        frames += name == b"fcTL"
        check_count(chunks, MAX_PNG_CHUNKS, "chunks")
        check_count(frames, MAX_FRAMES, "frames")
        yield FilePart(name.decode("latin-1"), place, end, name not in _PNG_NEEDED)
        place = end
        if name == b"IEND":
            break
    if place < len(content):
        yield FilePart("rest", place, len(content), is_private=True)


def webp_parts(content: Content) -> Iterator[FilePart]:
    """Raises UnreadableFile."""
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        raise UnreadableFile("The file is not a whole WEBP image.")
    riff_end = after(content, 8, int.from_bytes(content[4:8], "little"), "WEBP")
    yield FilePart("RIFF", 0, _RIFF_BYTES)
    place, chunks, frames = _RIFF_BYTES, 0, 0
    while place + 8 <= riff_end:
        name = content[place : place + 4]
        length = int.from_bytes(content[place + 4 : place + 8], "little")
        end = min(after(content, place, 8 + length, "WEBP") + length % 2, len(content))
        chunks += 1
        frames += name == b"ANMF"
        check_count(chunks, MAX_WEBP_CHUNKS, "chunks")
        check_count(frames, MAX_FRAMES, "frames")
        yield FilePart(name.decode("latin-1"), place, end, name not in _WEBP_NEEDED)
        place = end
    if place < len(content):
        yield FilePart("rest", place, len(content), is_private=True)


def webp_of(content: Content, kept: list[FilePart]) -> bytes:
    """Return a file of these parts, with a header that announces no others."""
    body = bytearray(b"".join(content[part.start : part.end] for part in kept))
    body[4:8] = (len(body) - 8).to_bytes(4, "little")
    if body[12:16] == b"VP8X":
        body[20] &= ~_ANNOUNCED & 0xFF
    return bytes(body)
