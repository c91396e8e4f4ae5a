"""Files as an attacker would craft them: cheap to send and expensive to read."""

import io
import struct
import zlib
from collections.abc import Callable

from PIL import Image

MEGABYTE = 1024**2


def claiming_pixels(width: int, height: int, kind: str, **options: object) -> bytes:
    """A small picture whose header says that it is large."""
    held = io.BytesIO()
    Image.new("L", (8, 8)).save(held, kind, **options)
    changed = bytearray(held.getvalue())
    if kind == "PNG":
        struct.pack_into(">II", changed, 16, width, height)
        struct.pack_into(">I", changed, 29, zlib.crc32(changed[12:29]))
    elif kind == "JPEG":
        frame = changed.find(b"\xff\xc2" if options.get("progressive") else b"\xff\xc0")
        struct.pack_into(">HH", changed, frame + 5, height, width)
    else:
        struct.pack_into("<HH", changed, changed.find(b"VP8 ") + 14, width, height)
    return bytes(changed)


def many_scans(scans: int, side: int = 4000) -> bytes:
    """A progressive JPEG whose last scan is there again and again."""
    held = io.BytesIO()
    Image.new("L", (side, side), 99).save(held, "JPEG", progressive=True, quality=20)
    content = held.getvalue()
    last = content[content.rfind(b"\xff\xda") : -2]
    scan = last.ljust(330, b"\0")
    return content[:-2] + scan * scans + b"\xff\xd9"


def padded_jpeg() -> bytes:
    return b"\xff\xd8" + b"\xff" * (20 * MEGABYTE - 4) + b"\xff\xd9"


def padded_segments() -> bytes:
    """Each pad is as long as is taken, before segments that say nothing."""
    return b"\xff\xd8" + (b"\xff" * 63 + b"\xff\xfe\0\2") * (20 * MEGABYTE // 68) + b"\xff\xd9"


def empty_chunks(count: int = 20 * MEGABYTE // 12 - 100) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (64, 64)).save(held, "PNG")
    content = held.getvalue()
    chunk = struct.pack(">I", 0) + b"aBcd" + struct.pack(">I", zlib.crc32(b"aBcd"))
    return content[:33] + chunk * count + content[33:]


def tiny_frames(count: int = 20 * MEGABYTE // 16 - 10) -> bytes:
    frame = b"\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0"
    return b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff" + frame * count + b";"


def tiny_blocks() -> bytes:
    blocks = b"\x21\xfe" + b"\1a" * (10 * MEGABYTE - 50) + b"\0"
    return tiny_frames(0)[:-1] + blocks + b";"


def object_streams(size_bytes: int) -> bytes:
    line = b"obj/ObjStm stream\n"
    return b"%PDF-1.7\n" + line * (size_bytes // len(line))


def lost_objects(size_bytes: int) -> bytes:
    """Whole objects, and no table that says where they are: all of them are to be searched for."""
    one = b"%d 0 obj<</Type/ObjStm>>stream\nendstream\nendobj\n"
    objects = b"".join(one % number for number in range(size_bytes // len(one)))
    return b"%PDF-1.7\n" + objects + b"startxref\n5\n%%EOF\n"


def pages_of_pages(depth: int = 40) -> bytes:
    """A tree whose branches are all the same: a few objects, and pages without number."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>"]
    for number in range(2, depth):
        kid = b"%d 0 R " % (number + 1)
        objects.append(b"<</Type/Pages/Count 9/Kids[" + kid * 9 + b"]>>")
    objects.append(b"<</Type/Page>>")
    made, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    index = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(made))
    return made + index + trailer


def boxes() -> bytes:
    """An MP4 of 2.5 million boxes with nothing inside."""
    return b"\0\0\0\x14ftypisom\0\0\0\0isom" + b"\0\0\0\x08free" * (20 * MEGABYTE // 8)


def huge_picture(mode: str = "RGBA") -> bytes:
    """64 megapixels, as many as are taken."""
    held = io.BytesIO()
    Image.new(mode, (8000, 8000), None).save(held, "PNG")
    return held.getvalue()


#: The worst that are known: what each is called and how it is made, its type, and why it is refused
#: before a decoder meets it; None: the decoder's time and memory are the bound.
WORST: dict[str, tuple[Callable[[], bytes], str, str | None]] = {
    "1,050 scans": (lambda: many_scans(1050), "image/jpeg", "The image has more than 100 scans."),
    "as many scans as are taken": (lambda: many_scans(85, 5600), "image/jpeg", None),
    "JPEG of padding": (padded_jpeg, "image/jpeg", "The file is not a whole JPEG image."),
    "JPEG of padded segments": (
        padded_segments,
        "image/jpeg",
        "The image has more than 5000 segments.",
    ),
    "empty PNG chunks": (empty_chunks, "image/png", "The image has more than 50000 chunks."),
    "as many chunks as are taken": (lambda: empty_chunks(49_000), "image/png", None),
    "GIF of tiny frames": (tiny_frames, "image/gif", "The image has more than 5000 frames."),
    "GIF of tiny blocks": (tiny_blocks, "image/gif", "The image has more than 500000 blocks."),
    "64 megapixels": (huge_picture, "image/png", None),
    "2 MB of object streams": (lambda: object_streams(2_000_000), "application/pdf", None),
    "8 MB of object streams": (
        lambda: object_streams(8_000_000),
        "application/pdf",
        "The document has more than 200000 objects.",
    ),
    "PDF of lost objects": (lambda: lost_objects(9_500_000), "application/pdf", None),
    "PDF of pages without number": (pages_of_pages, "application/pdf", None),
    "MP4 of empty boxes": (boxes, "video/mp4", "The video has more than 100000 boxes."),
}
