"""AI calls with their price: credits are set aside before, and settled or given back after."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from destinations.runtime.waiting_room import WaitingRoom
from posts.features.ai import captions, images, ledger, provider
from posts.features.ai.captions import CaptionRequest
from posts.features.ai.models import AiUse
from posts.keys import bounded_waits
from posts.models import Media

#: A call holds a thread of the web server for up to two minutes.
MOST_EACH = 4
_room = WaitingRoom(MOST_EACH)


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
    price = images.MODELS[model]
    with _reserved(workspace_id, AiUse.Kind.IMAGE, model, price, by) as use:
        media = images.make(workspace_id, prompt, model, aspect_ratio)
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
