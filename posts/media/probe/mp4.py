"""MP4 and MOV: nested boxes, some of which tell where and with which device a video was made.

Source: https://developer.apple.com/documentation/quicktime-file-format/user_data_atoms and
https://developer.apple.com/documentation/quicktime-file-format/metadata_atoms_and_types
(read 2026-11-25).
"""

from collections.abc import Iterator
from typing import BinaryIO

from posts.media.probe.facts import UnreadableFile

MAX_BOXES = 100_000
#: Harmless user data: padding, the program that wrote the file, a track's name, and hints.
_HARMLESS = frozenset(
    (b"free", b"skip", b"\xa9too", b"\xa9enc", b"\xa9swr", b"name", b"hnti", b"hinv")
)
#: Tracks of pictures, sound, time codes and texts. Others record locations and motion.
_TRACKS = frozenset((b"vide", b"soun", b"tmcd", b"text", b"sbtl", b"subt", b"clcp", b"hint"))
_Box = tuple[bytes, int, int]


def has_metadata(file: BinaryIO) -> bool:
    """Return whether the file has metadata about its author, place or device.

    Its creation time does not count. Raises UnreadableFile for more boxes than any real video has.
    """
    # Not through mmap: pages that were read count as memory, up to the whole file.
    return any(_tells(file, box) for box in _boxes(file, 0, file.seek(0, 2)))


def _boxes(file: BinaryIO, place: int, end: int) -> Iterator[_Box]:
    """Yield the boxes between two offsets: name, and where their content begins and ends."""
    count = 0
    while place + 8 <= end:
        header = _read(file, place, 16)
        size, name, begin = int.from_bytes(header[:4], "big"), header[4:8], place + 8
        if size == 1:
            size, begin = int.from_bytes(header[8:], "big"), place + 16
        box_end = end if size == 0 else min(place + size, end)
        count += 1
        if count > MAX_BOXES:
            raise UnreadableFile(f"The video has more than {MAX_BOXES} boxes.")
        if box_end < begin:
            return
        yield name, begin, box_end
        place = box_end


def _read(file: BinaryIO, place: int, count: int) -> bytes:
    file.seek(place)
    return file.read(count)


def _tells(file: BinaryIO, box: _Box) -> bool:
    name, begin, end = box
    if name == b"uuid":
        return True
    if name in (b"moov", b"trak", b"mdia"):
        return any(_tells(file, inner) for inner in _boxes(file, begin, end))
    if name == b"udta":
        return any(_user_data_tells(file, inner) for inner in _boxes(file, begin, end))
    if name == b"hdlr":
        return _read(file, begin + 8, 4) not in _TRACKS
    return name == b"meta" and _meta_tells(file, begin, end)


def _user_data_tells(file: BinaryIO, box: _Box) -> bool:
    name, begin, end = box
    if name == b"meta":
        return _meta_tells(file, begin, end)
    return name not in _HARMLESS and name != bytes(4)


def _meta_tells(file: BinaryIO, begin: int, end: int) -> bool:
    # MP4 has a version field first; MOV does not.
    start = begin if _read(file, begin + 4, 4) == b"hdlr" else begin + 4
    for name, inside, inside_end in _boxes(file, start, end):
        if name == b"ilst":
            names = [each for each, *_ in _boxes(file, inside, inside_end)]
            if any(each not in _HARMLESS for each in names):
                return True
        elif name not in (b"hdlr", b"free", b"skip"):
            return True
    return False
