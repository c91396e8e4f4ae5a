"""GIF: a header, pictures and extensions in blocks.

Source: https://www.w3.org/Graphics/GIF/spec-gif89a.txt (read 2026-11-25).
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

#: 20 MB in blocks of 255 bytes, the usual size, are 82,000.
MAX_BLOCKS = 500_000
#: Extensions that the picture needs: its number of repeats, and its colour profile.
_NEEDED = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")
_PICTURE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_COMMENT, _APPLICATION = 0xFE, 0xFF


def parts(content: Content) -> Iterator[FilePart]:
    """Raises UnreadableFile."""
    if content[:6] not in (b"GIF87a", b"GIF89a") or len(content) < 13:
        raise UnreadableFile("The file is not a whole GIF image.")
    place = after(content, 13, _table_bytes(content[10]), "GIF")
    yield FilePart("header", 0, place)
    frames = blocks = 0
    while place < len(content):
        start, kind = place, content[place]
        if kind == _TRAILER:
            yield FilePart("trailer", start, start + 1)
            if start + 1 < len(content):
                yield FilePart("rest", start + 1, len(content), is_private=True)
            return
        if kind == 0:
            # Some encoders write an extra zero byte; readers skip it.
            place, blocks = start + 1, blocks + 1
            check_count(blocks, MAX_BLOCKS, "blocks")
            continue
        if kind == _PICTURE:
            frames += 1
            check_count(frames, MAX_FRAMES, "frames")
            described = after(content, start, 10, "GIF")
            begin = described + _table_bytes(content[start + 9]) + 1
        elif kind == _EXTENSION:
            begin = after(content, start, 2, "GIF")
        else:
            raise UnreadableFile("The file is not a whole GIF image.")
        place, blocks = _after_blocks(content, begin, blocks)
        is_private = kind == _EXTENSION and _is_private(content, start)
        yield FilePart("picture" if kind == _PICTURE else "extension", start, place, is_private)


def _table_bytes(flags: int) -> int:
    """Bytes of the colour table that these flags announce."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(content: Content, place: int, blocks: int) -> tuple[int, int]:
    """Return where a sequence of blocks ends, and the total number of blocks up to there."""
    end = len(content)
    while place < end and (size := content[place]):
        place += size + 1
        blocks += 1
        if blocks > MAX_BLOCKS:
            check_count(blocks, MAX_BLOCKS, "blocks")
    # Many files lack their last byte, and viewers show them anyway.
    return min(place + 1, end), blocks


def _is_private(content: Content, start: int) -> bool:
    label = content[start + 1]
    if label == _APPLICATION:
        return content[start + 3 : start + 14] not in _NEEDED
    return label == _COMMENT
