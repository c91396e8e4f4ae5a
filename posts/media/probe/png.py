"""PNG: a signature, and chunks.

Source: https://www.w3.org/TR/png-3/#5Chunk-layout (read 2026-11-25).
"""

from collections.abc import Iterator

from posts.media.probe.facts import UnreadableFile
from posts.media.probe.part import MAX_FRAMES, Content, FilePart, after, check_count

#: 20 MB in chunks of 8 KB, the usual size, are 2,500.
MAX_CHUNKS = 50_000
SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: The chunks that decoders need to show the picture correctly.
_NEEDED = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs acTL fcTL "
    b"fdAT".split()
)


def parts(content: Content) -> Iterator[FilePart]:
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
        check_count(chunks, MAX_CHUNKS, "chunks")
        check_count(frames, MAX_FRAMES, "frames")
        yield FilePart(name.decode("latin-1"), place, end, name not in _NEEDED)
        place = end
        if name == b"IEND":
            break
    if place < len(content):
        yield FilePart("rest", place, len(content), is_private=True)
