"""Write captions and make images for their price: credits are set aside before, and settled or
given back after. Images are stored in the workspace's library.
"""

import io
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from destinations.runtime.request_waits import RequestWaitLimiter
from platforms import sandbox
from platforms.sandbox import ResourceLimits, SandboxSlots
from posts.errors import try_again
from posts.features.ai import captions, ledger, provider
from posts.features.ai.captions import CaptionRequest
from posts.features.ai.models import AiUse
from posts.keys import bounded_waits
from posts.media import uploads
from posts.media.fetch import download
from posts.models import Media

#: A call holds a thread of the web server for up to two minutes.
MOST_EACH = 4
_room = RequestWaitLimiter(MOST_EACH)


def write_captions(
    workspace_id: uuid.UUID, wanted: CaptionRequest, by: str
) -> tuple[list[str], int, int]:
    """Captions, their cost, and the credits that remain. Raises RequestRefused."""
    with _reserved(workspace_id, AiUse.Kind.CAPTION, "", wanted.count, by) as use:
        written = captions.write(wanted)
    return written, len(written), ledger.settle(use, len(written))


def draw_image(
    workspace_id: uuid.UUID, prompt: str, model: str, aspect_ratio: str, by: str
) -> tuple[Media, int, int]:
    """Draw a file; return it, its cost and the credits left. Raises RequestRefused."""
    price = MODELS[model]
    with _reserved(workspace_id, AiUse.Kind.IMAGE, model, price, by) as use:
        media = make_image(workspace_id, prompt, model, aspect_ratio)
    return media, price, ledger.settle(use, price)


@contextmanager
def _reserved(
    workspace_id: uuid.UUID, kind: AiUse.Kind, model: str, most: int, by: str
) -> Iterator[AiUse]:
    """Credits set aside for a call; given back if it fails."""
    provider.require()
    busy = "Too many AI calls are running; try again in a few seconds."
    with bounded_waits.enter(_room, workspace_id, busy):
        use = ledger.reserve(workspace_id, kind, model, most, by)
        try:
            yield use
        except BaseException:
            ledger.release(use)
            raise


log = structlog.get_logger()

#: The models of our API, and the credits that an image of each costs.
MODELS = {"nano-banana-pro": 15, "ideogram-v2": 8, "gemini-3-pro": 5, "flux-schnell": 1}
DEFAULT_MODEL = "gemini-3-pro"
ASPECT_RATIOS = ("1:1", "16:9", "9:16", "4:3", "3:4", "4:5", "5:4")
LIMITS = ResourceLimits(seconds=30, cpu_seconds=10, memory_bytes=400_000_000)
slots = SandboxSlots(2, patience_seconds=10)


def make_image(workspace_id: uuid.UUID, prompt: str, model: str, aspect_ratio: str) -> Media:
    """Return the ready file. Raises RequestRefused."""
    content = _cropped(provider.draw(prompt, model, aspect_ratio), aspect_ratio)
    content_type = download.content_type_of(content[: download.HEAD_BYTES])
    if content_type not in uploads.TYPES or not str(content_type).startswith("image/"):
        log.warning("ai_image_unusable", content_type=content_type)
        raise try_again("The AI provider's image has no known format; try again.", 5)
    extension = uploads.TYPES[content_type].extension
    name = f"generated-{uuid.uuid4().hex[:8]}.{extension}"
    media = uploads.announce(workspace_id, name, content_type, len(content))
    uploads.receive(media, io.BytesIO(content), len(content))
    return uploads.complete(workspace_id, media.pk)


def _cropped(content: bytes, aspect_ratio: str) -> bytes:
    """Return the image, cropped to the ratio: providers draw only some sizes."""
    with tempfile.TemporaryDirectory(prefix="dovecote-") as folder:
        source, target = Path(folder) / "source", Path(folder) / "target"
        source.write_bytes(content)
        width, height = map(int, aspect_ratio.split(":"))
        request = {"source": str(source), "target": str(target), "width": width, "height": height}
        try:
            with slots.one():
                sandbox.run("posts.features.ai.crop_sandboxed", request, LIMITS)
        except (sandbox.TooBusy, sandbox.NoResult, sandbox.LimitExceeded) as failure:
            log.warning("ai_image_not_cropped", failure=repr(failure))
            raise try_again("The image could not be read just now; try again.", 5) from None
        return target.read_bytes() if target.exists() else content
