"""The AI provider: any server with OpenAI's `chat/completions` and `images/generations`.

Source: OpenAI API reference, "Create chat completion" and "Create image" (read 2026-11-26).
"""

import asyncio
import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

import structlog
from django.conf import settings

from platforms.downloads import fetch
from platforms.http.failures import NoAnswer
from platforms.http.foreign.stated import as_seconds, read_json
from platforms.http.redaction import Redactor
from platforms.http.transport import Response, Transport
from posts.errors import RequestRefused, invalid, try_again
from posts.features.ai import Provider

log = structlog.get_logger()

#: Clients give up after 120 s and send the request again; by then the answer must be on record.
DEADLINE_SECONDS = 110
#: The largest image that is accepted, decoded.
IMAGE_BYTES = 20 * 1024 * 1024
#: The pause that a client is told when the provider does not say how long.
PAUSE_SECONDS = 10
_KEPT_CHARS = 500


def is_configured() -> bool:
    return bool(settings.AI_PROVIDER.base_url)


def require() -> None:
    """Raise RequestRefused without a provider."""
    if not is_configured():
        raise RequestRefused(
            "service_unavailable",
            "This installation has no AI provider; its operator must set AI_BASE_URL.",
            setting="AI_BASE_URL",
        )


def complete(system: str, user: str) -> str:
    """Return the provider's answer to a chat. Raises RequestRefused."""
    model = _chosen(settings.AI_PROVIDER.text_model, "AI_TEXT_MODEL")
    messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
    answer = _call("chat/completions", {"model": model, "messages": messages}, about="topic")
    text = _at(answer, "choices", 0, "message", "content")
    if not isinstance(text, str):
        raise _unusable("no text")
    return text


def draw(prompt: str, model: str, aspect_ratio: str) -> bytes:
    """Draw an image file of the prompt, for a model of our API. Raises RequestRefused."""
    provider = settings.AI_PROVIDER
    chosen = provider.image_models.get(model) or _chosen(provider.image_model, "AI_IMAGE_MODEL")
    size = provider.image_sizes.get(aspect_ratio, "1024x1024")
    wanted = {"model": chosen, "prompt": prompt, "size": size, "n": 1}
    answer = _call("images/generations", wanted, about="prompt")
    encoded, url = _at(answer, "data", 0, "b64_json"), _at(answer, "data", 0, "url")
    if isinstance(encoded, str):
        try:
            return base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise _unusable("no image") from None
    if isinstance(url, str):
        return _downloaded(url)
    raise _unusable("no image")


def _call(path: str, body: Mapping[str, Any], *, about: str) -> Any:
    """Return the parsed answer. `about` is the field of our API that the provider may object to."""
    provider: Provider = settings.AI_PROVIDER
    url = f"{provider.base_url}/{path}"
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if provider.api_key:
        headers["Authorization"] = f"Bearer {provider.api_key}"
    try:
        answer = asyncio.run(_send(url, headers, json.dumps(body).encode()))
    except (NoAnswer, TimeoutError) as failure:
        log.warning("ai_provider_away", path=path, failure=str(failure) or "timeout")
        raise try_again("The AI provider did not answer; try again.", PAUSE_SECONDS) from None
    if 200 <= answer.status < 300:
        return _parsed(answer)
    raise _refused(path, answer, about)


async def _send(url: str, headers: Mapping[str, str], body: bytes) -> Response:
    transport = Transport(connections=1, timeout_seconds=DEADLINE_SECONDS)
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            return await transport.send("POST", url, headers=headers, body=body)
    finally:
        await transport.close()


def _refused(path: str, answer: Response, about: str) -> RequestRefused:
    """Return what a refusal of the provider means for the caller."""
    redact = Redactor(filter(None, [settings.AI_PROVIDER.api_key]))
    said = _at(_parsed(answer, strict=False), "error", "message")
    words = redact(said if isinstance(said, str) else "")[:_KEPT_CHARS]
    shown = redact(answer.content[:4000].decode(errors="replace"))[:_KEPT_CHARS]
    log.warning("ai_provider_refused", path=path, status=answer.status, body=shown)
    match answer.status:
        case 400 | 422:
            return invalid(about, f"The AI provider refused it: {words or 'no reason given'}")
        case 401 | 403:
            return _misconfigured("refuses this installation's key", "AI_API_KEY")
        case 404:
            return _misconfigured("does not know the address or the model", "AI_BASE_URL")
        case 429:
            wait = int(as_seconds(answer.headers.get("retry-after")) or PAUSE_SECONDS)
            return try_again("The AI provider's own limit is reached; try again.", max(1, wait))
    return try_again("The AI provider failed; try again.", PAUSE_SECONDS)


def _chosen(model: str, setting: str) -> str:
    if not model:
        raise RequestRefused(
            "service_unavailable",
            f"This installation names no model for this; its operator must set {setting}.",
            setting=setting,
        )
    return model


def _misconfigured(what: str, setting: str) -> RequestRefused:
    return RequestRefused(
        "service_unavailable",
        f"The AI provider {what}; this installation's operator must correct {setting}.",
        setting=setting,
    )


def _parsed(answer: Response, *, strict: bool = True) -> Any:
    try:
        return read_json(answer.content)
    except ValueError:
        if strict:
            raise _unusable("no JSON") from None
        return None


def _at(value: Any, *path: str | int) -> Any:
    """Return the value at a path of parsed JSON; None if it is not there."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _unusable(what: str) -> RequestRefused:
    log.warning("ai_provider_unusable", answer=what)
    return try_again(f"The AI provider's answer held {what}; try again.", PAUSE_SECONDS)


def _downloaded(url: str) -> bytes:
    """Return the image behind a link that the provider gave. Never from a private network."""
    try:
        with fetch.fetch(url, seconds=30, trusted=settings.FETCH_PRIVATE_HOSTS) as download:
            found = b""
            while len(found) <= IMAGE_BYTES and (chunk := download.read(256 * 1024)):
                found += chunk
    except (fetch.ForbiddenURL, fetch.FetchFailed):
        raise _unusable("a link that cannot be fetched") from None
    if len(found) > IMAGE_BYTES:
        raise _unusable("an image that is too large")
    return found
