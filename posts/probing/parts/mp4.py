"""MP4 and MOV: boxes inside boxes, of which some tell where and with what a video was made.

Source: https://developer.apple.com/documentation/quicktime-file-format/user_data_atoms and
https://developer.apple.com/documentation/quicktime-file-format/metadata_atoms_and_types
(read 2026-11-25).
"""

from collections.abc import Iterator

from posts.probing.facts import Unreadable
from posts.probing.parts.part import Content

MAX_BOXES = 100_000
#: In user data: nothing, the program that wrote the file, the name of a track, and hints.
_HARMLESS = frozenset(
    (b"free", b"skip", b"\xa9too", b"\xa9enc", b"\xa9swr", b"name", b"hnti", b"hinv")
)
#: Tracks of pictures, sound, time codes and texts. Others hold places and movements.
_TRACKS = frozenset((b"vide", b"soun", b"tmcd", b"text", b"sbtl", b"subt", b"clcp", b"hint"))
_Box = tuple[bytes, int, int]


def has_metadata(content: Content) -> bool:
    """Whether the file says something of its maker, its place or its device. The time at which it
    was made does not count. Raises Unreadable for more boxes than any video has."""
    return any(_tells(content, box) for box in _boxes(content, 0, len(content)))


def _boxes(content: Content, place: int, end: int) -> Iterator[_Box]:
    """The boxes between two places: name, and where what is inside begins and ends."""
    count = 0
    while place + 8 <= end:
        size, name, begin = (
            int.from_bytes(content[place : place + 4], "big"),
            content[place + 4 : place + 8],
            place + 8,
        )
        if size == 1:
            size, begin = int.from_bytes(content[begin : begin + 8], "big"), begin + 8
        box_end = end if size == 0 else min(place + size, end)
        count += 1
        if count > MAX_BOXES:
            raise Unreadable(f"The video has more than {MAX_BOXES} boxes.")
        if box_end < begin:
            return
        yield name, begin, box_end
        place = box_end


def _tells(content: Content, box: _Box) -> bool:
    name, begin, end = box
    if name == b"uuid":
        return True
    if name in (b"moov", b"trak", b"mdia"):
        return any(_tells(content, inner) for inner in _boxes(content, begin, end))
    if name == b"udta":
        return any(_user_data_tells(content, inner) for inner in _boxes(content, begin, end))
    if name == b"hdlr":
        return content[begin + 8 : begin + 12] not in _TRACKS
    return name == b"meta" and _meta_tells(content, begin, end)


def _user_data_tells(content: Content, box: _Box) -> bool:
    name, begin, end = box
    if name == b"meta":
        return _meta_tells(content, begin, end)
    return name not in _HARMLESS and name != b"\0\0\0\0"


def _meta_tells(content: Content, begin: int, end: int) -> bool:
    # In MP4 a version comes first, in MOV it does not.
    start = begin if content[begin + 4 : begin + 8] == b"hdlr" else begin + 4
    for name, inside, inside_end in _boxes(content, start, end):
        if name == b"ilst":
            names = [each for each, *_ in _boxes(content, inside, inside_end)]
            if any(each not in _HARMLESS for each in names):
                return True
        elif name not in (b"hdlr", b"free", b"skip"):
            return True
    return False
