"""An AI provider with OpenAI's protocol, below `/ai/v1`: it draws the prompt and fills captions in.

It answers without a key. Faults of the network `ai`, calls `chat` and `image`, replace its answers:
`status`, `body`, `delay_seconds` and `drop`.
"""

import asyncio
import base64
import hashlib
import io
import json
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.network import Dropped, json_object, replacement
from deploy.simulator.state.faults import Faults

#: A word of a prompt or topic that the provider refuses, for tests.
REFUSED = "forbidden"
_MOODS = ("Good news", "Have you seen this", "Today we talk about", "Small steps count", "Imagine")


class AiProvider:
    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def routes(self) -> list[Route]:
        return [
            Route("/ai/v1/chat/completions", self.chat, methods=["POST"]),
            Route("/ai/v1/images/generations", self.image, methods=["POST"]),
        ]

    async def chat(self, request: Request) -> Response:
        """Captions, if the last message is a JSON object with `topic` and `count`."""
        return await self._answer(request, "chat", _chat)

    async def image(self, request: Request) -> Response:
        """A PNG of the size that was asked for, with the prompt on it."""
        return await self._answer(request, "image", _image)

    async def _answer(
        self, request: Request, call: str, work: Callable[[Mapping[str, Any]], Any]
    ) -> Response:
        body = await json_object(request)
        fault = self._faults.strike("ai", "", call)
        if fault:
            await asyncio.sleep(fault.delay_seconds)
            if fault.drop:
                raise Dropped
            if fault.status:
                return replacement(
                    fault.status, fault.body or '{"error": {"message": "simulated"}}'
                )
        if body is None or not body.get("model"):
            return _error(400, "A model is required.")
        if REFUSED in json.dumps(body):
            return _error(400, "Your request was rejected by our safety system.")
        return JSONResponse(work(body))


def _chat(body: Mapping[str, Any]) -> dict[str, Any]:
    asked = json.loads(body["messages"][-1]["content"])
    topic = str(asked["topic"]).strip()
    tags = " #dovecote" if asked.get("hashtags") == "with" else ""
    emoji = " ✨" if asked.get("emojis") == "with" else ""
    captions = [f"{_MOODS[n % len(_MOODS)]}: {topic}{emoji}{tags}" for n in range(asked["count"])]
    message = {"role": "assistant", "content": json.dumps(captions, ensure_ascii=False)}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return {"object": "chat.completion", "model": body["model"], "choices": [choice]}


def _image(body: Mapping[str, Any]) -> dict[str, Any]:
    width, height = map(int, str(body.get("size", "1024x1024")).split("x"))
    prompt = str(body.get("prompt", ""))
    hue = hashlib.sha256(prompt.encode()).digest()
    picture = Image.new("RGB", (width, height), (hue[0] // 2, hue[1] // 2, hue[2] // 2))
    text = "\n".join(textwrap.wrap(prompt, 32)[:12])
    font = ImageFont.load_default(size=width // 24)
    ImageDraw.Draw(picture).multiline_text((width // 16, height // 6), text, "white", font)
    written = io.BytesIO()
    picture.save(written, "PNG")
    return {"created": 0, "data": [{"b64_json": base64.b64encode(written.getvalue()).decode()}]}


def _error(status: int, message: str) -> Response:
    return JSONResponse({"error": {"message": message, "type": "invalid_request_error"}}, status)
