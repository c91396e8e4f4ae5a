"""JPEG: segments, each begun by a marker, and compressed scans between them.

Source: https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annex B (read 2026-11-25).
"""

import re
from collections.abc import Iterator

from posts.media.probe.facts import Content, FilePart, UnreadableFile, after, check_count

#: A colour profile takes up to 255 segments, and long XMP some hundreds.
MAX_SEGMENTS = 5_000
#: Progressive encoders write about 10, the most thorough ones about 60.
MAX_SCANS = 100
#: Some encoders add padding. Its length is limited, because readers skip it byte by byte, slowly.
_MARKER = re.compile(rb"[^\xff]{0,64}\xff{1,64}([\x01-\xfe])")
#: Within a scan a zero escapes 0xFF, and restart markers are allowed.
_SCAN_END = re.compile(rb"\xff(?=[\x01-\xcf\xd8-\xfe])")
_EOI, _SOS, _COM = 0xD9, 0xDA, 0xFE
_NOT_WHOLE = "The file is not a whole JPEG image."


def parts(content: Content) -> Iterator[FilePart]:
    """Raises UnreadableFile. Padding between segments belongs to no part."""
    if content[:2] != b"\xff\xd8":
        raise UnreadableFile(_NOT_WHOLE)
    yield FilePart("SOI", 0, 2)
    place, segments, scans = 2, 0, 0
    while match := _MARKER.match(content, place):
        marker, start = match[1][0], match.end() - 2
        segments += 1
        check_count(segments, MAX_SEGMENTS, "segments")
        if marker == _EOI:
            yield FilePart("EOI", start, match.end())
            yield from _rest(content, match.end())
            return
        length = int.from_bytes(content[match.end() : match.end() + 2], "big")
        end = after(content, match.end(), max(length, 2), "JPEG")
        if marker == _SOS:
            scans += 1
            check_count(scans, MAX_SCANS, "scans")
            found = _SCAN_END.search(content, end)
            end = found.start() if found else len(content)
            yield FilePart("SOS", start, end)
        else:
            is_private = _is_private(marker, content[match.end() + 2 : end])
            yield FilePart(_name(marker), start, end, is_private)
        place = end
    raise UnreadableFile(_NOT_WHOLE)


def _name(marker: int) -> str:
    return f"APP{marker - 0xE0}" if 0xE0 <= marker <= 0xEF else f"{marker:02X}"


def _is_private(marker: int, body: bytes) -> bool:
    """Return whether decoders can do without the segment; of APP segments they need only three."""
    if marker == 0xE0:
        # It is longer if it holds a thumbnail.
        return not (body.startswith(b"JFIF\0") and len(body) == 14)
    if marker == 0xE2:
        return not body.startswith(b"ICC_PROFILE\0")
    if marker == 0xEE:
        return not body.startswith(b"Adobe")
    return marker == _COM or 0xE0 <= marker <= 0xEF


def _rest(content: Content, place: int) -> Iterator[FilePart]:
    """Data after the picture: previews, short videos, and phone makers' additions."""
    if content[place:].strip(b"\0\r\n "):
        yield FilePart("rest", place, len(content), is_private=True)


def is_buffered(found: list[FilePart]) -> bool:
    """Return whether a decoder must hold all of the picture: it has more than one scan."""
    names = [part.name for part in found]
    # C2: progressive.
    return names.count("SOS") > 1 or "C2" in names
