"""What tests of Instagram and Threads are made of."""

import dataclasses
import functools
import io
import json
from datetime import timedelta
from typing import Any

import av
from PIL import Image

from platforms.adapter import Adapter
from platforms.checkpoint import Lookalike
from platforms.drafts import Credentials, Draft, Media
from platforms.errors import OutcomeUnknown
from platforms.outcomes import Absent, PartiallyPublished, Processing, Published
from tests.conftest import Simulator
from tests.platforms.driver import Drive, Save, image, media

USER = "17841400000000001"


@functools.cache
def clip_bytes(seconds: float = 3, rate: int = 25, codec: str = "libx264") -> bytes:
    """A silent MP4 that Instagram and Threads take."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(round(seconds * rate)):
            frame = av.VideoFrame.from_image(Image.new("RGB", (64, 64), (200, 90, 60)))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return out.getvalue()


def photo(alt_text: str = "", **size: int) -> Media:
    return media(image(format="JPEG", **size), content_type="image/jpeg", alt_text=alt_text)


def clip(content: bytes | None = None, **fields: Any) -> Media:
    return media(content or clip_bytes(), kind="video", **fields)


def photos(count: int = 1, text: str = "Hello", **fields: Any) -> Draft:
    return Draft(text, tuple(photo(f"Photo {n}") for n in range(count)), **fields)


def graph_error(code: int | str, subcode: int | None = None, **fields: Any) -> str:
    said = {"message": "Simulated", "type": "OAuthException", "code": code, "fbtrace_id": "Abc"}
    if subcode:
        said["error_subcode"] = subcode
    return json.dumps({"error": {**said, **fields}})


class Bench(Drive):
    """An account of Instagram or Threads."""

    def lose(self, draft: Draft, drop: str = "after", **fields: Any) -> None:
        """Publish, and lose the answer of the call that publishes."""
        self.fault(call="publish", drop=drop, times=1, **fields)
        assert type(self.fails(draft)) is OutcomeUnknown

    def find_later(self, draft: Draft, seconds: int) -> Any:
        """A lookup that long after the call."""
        assert self.sent_at is not None
        return self.find(draft, self.sent_at - timedelta(seconds=seconds))

    def recover(self, draft: Draft) -> Published:
        """What a pipeline does with what the dead worker has left."""
        for _ in range(60):
            last = self.saves[-1] if self.saves else None
            # No answer to the last call was recorded.
            if last and last.sending:
                result: Any = self.find_later(draft, 200)
                assert isinstance(result, Published | PartiallyPublished) or result == Absent(
                    proven=True
                )
                self.saves.append(Save(self.checkpoint, sending=False))
            else:
                result = self.finish(draft)
            if isinstance(result, Published):
                return result
        raise AssertionError("It never ends.")

    def beside(self) -> "Bench":
        """Another destination of the same account."""
        return Bench(self.adapter, self.account, self.simulator)

    def lookalike(self, draft: Draft) -> Lookalike:
        """As another destination of the account knows this one."""
        assert self.sent_at is not None
        return Lookalike(draft, self.checkpoint, self.sent_at)

    def process_in(self, seconds: float) -> None:
        self.set("processing_seconds", seconds)

    def new_token(self) -> None:
        """The account's token is replaced, as by a refresh."""
        token = self.simulator.connect(self.adapter.key, USER, username="acme")
        self.account = dataclasses.replace(self.account, token=token)

    def until(self, draft: Draft, key: str) -> None:
        """Publish until the checkpoint holds this."""
        while key not in self.checkpoint:
            assert isinstance(self.publish(draft), Processing)


def bench(simulator: Simulator, adapter: Adapter) -> Bench:
    """A bench whose network processes files at once."""
    token = simulator.connect(adapter.key, USER, username="acme")
    made = Bench(adapter, Credentials(USER, "acme", token), simulator)
    made.process_in(0)
    return made
