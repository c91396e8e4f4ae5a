"""Documents: only what limits ask about, which is the number of pages."""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from posts.probing.facts import Facts, Unreadable

#: Packed objects are unpacked up to this, all together.
UNPACKED_BYTES = 32 * 1024**2
_STREAM = re.compile(rb"stream\r?\n")
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_COUNT = re.compile(rb"/Count\s+([0-9]{1,7})(?![0-9])")
#: A stream's dictionary is looked for so far before it.
_DICTIONARY_BYTES = 1024


def probe(path: Path, content_type: str) -> Facts:
    """Raises Unreadable unless the file begins as a PDF."""
    content = path.read_bytes()
    if not content.startswith(b"%PDF-"):
        raise Unreadable("The file is not a PDF document.")
    return Facts(pages=_pages(content))


def _pages(content: bytes) -> int | None:
    """How many pages there are, if the pages found are as many as the document says it has.

    None where they differ, as in encrypted or often revised documents: no number is better than a
    wrong one.
    """
    parts = [content, *_unpacked(content)]
    found = sum(len(_PAGE.findall(part)) for part in parts)
    said = {int(count) for part in parts for count in _COUNT.findall(part)}
    return found if found in said else None


def _unpacked(content: bytes) -> Iterator[bytes]:
    """Objects that are packed into streams, as newer writers do."""
    left = UNPACKED_BYTES
    for match in _STREAM.finditer(content):
        before = content[max(match.start() - _DICTIONARY_BYTES, 0) : match.start()]
        if b"/ObjStm" not in before.rpartition(b"obj")[2]:
            continue
        try:
            part = zlib.decompressobj().decompress(content[match.end() :], left)
        except zlib.error:
            continue
        left -= len(part)
        yield part
        if left <= 0:
            return
