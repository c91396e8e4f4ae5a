"""What LinkedIn accepts as an image, a video or a document."""

from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError
from starlette.requests import Request
from starlette.responses import Response

from deploy.simulator.linkedin.rules import check_types, invalid, problem, read_json
from deploy.simulator.network import Refused

DOCUMENT_BYTES = 100 * 1024**2
IMAGE_PIXELS, GIF_FRAMES = 36_152_320, 250
#: The first bytes of PDF files, of Office files since 2007, and of older ones.
DOCUMENT_HEADS = (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def is_good(kind: str, path: Path) -> bool:
    """Return whether the bytes are a valid file of this kind."""
    if kind == "image":
        return _is_image(path)
    with path.open("rb") as file:
        head = file.read(16)
    if kind == "document":
        return path.stat().st_size <= DOCUMENT_BYTES and head.startswith(DOCUMENT_HEADS)
    return head[4:8] == b"ftyp"


def _is_image(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            pixels, frames = image.width * image.height, getattr(image, "n_frames", 1)
            known = image.format in ("JPEG", "PNG", "GIF")
    except (UnidentifiedImageError, OSError):
        return False
    return known and pixels < IMAGE_PIXELS and frames <= GIF_FRAMES


def forbidden(urn: str) -> Response:
    kind = urn.removeprefix("urn:li:").partition(":")[0]
    message = f"Accessing this {kind} resource is forbidden."
    return problem(403, "", f"{message} Please check your permissions for this resource")


async def initialize(request: Request, needed: set[str]) -> dict[str, Any]:
    """The body of `initializeUpload`. Raises Refused."""
    if request.query_params.get("action") != "initializeUpload":
        raise Refused(invalid("action"))
    body = await read_json(request)
    asked = body.get("initializeUploadRequest")
    if set(body) != {"initializeUploadRequest"} or not isinstance(asked, dict):
        raise Refused(problem(400, "MISSING_FIELD", "initializeUploadRequest is required."))
    if not needed <= asked.keys():
        raise Refused(problem(400, "MISSING_FIELD", f"{sorted(needed)} are required."))
    if asked.keys() - needed:
        raise Refused(invalid("initializeUploadRequest has unknown fields."))
    check_types(asked)
    return asked
