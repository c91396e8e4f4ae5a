"""AI calls with their price: credits are set aside before, and settled or given back after."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from posts.ai import captions, images, ledger, provider
from posts.ai.captions import CaptionRequest
from posts.bounded_waits import WaitingRoom
from posts.errors import try_again
from posts.models import AiUse, Media

#: A call holds a thread of the web server for up to two minutes. So few run at once: an eighth of
#: the threads, and few for one workspace.
SHARE, MOST_EACH = 8, 4
_room = WaitingRoom()


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
    """A ready file in the library, its cost, and the credits that remain. Raises RequestRefused."""
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
    most_at_once = max(MOST_EACH, settings.WEB_THREADS // SHARE)
    with _room.one(workspace_id, most=most_at_once, most_each=MOST_EACH) as is_free:
        if not is_free:
            raise try_again("Too many AI calls are running; try again in a few seconds.", 5)
        use = ledger.reserve(workspace_id, kind, model, most, by)
        try:
            yield use
        except BaseException:
            ledger.release(use)
            raise
