"""Idempotency-Key over HTTP: a repeated request gets its first answer.

A middleware, so that every endpoint that writes has it. It calls the view itself, and therefore
stands last of the API's (config/web/settings.py).

The same request has the same method, address and JSON, however the JSON is formatted. A repeat gets
the first status, headers and data, with `Idempotent-Replayed: true`; `meta` is its own, so that
every answer's request id is in the logs. Large refusals are not recorded, because those changed
nothing, so that a repeat is checked again; nor are large answers to work that may be done twice.
Answers that may change with time are not recorded:
409, 429 and 5xx.

With COLLAPSE_SECONDS, a request without a key that equals an earlier one gets the earlier answer,
but only while that is true: the post has been neither edited nor deleted. Calls that are slow and
cost something do so always (`Options.collapse_seconds`).
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import Error, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from destinations.accounts import encryption
from posts.api import errors, mounts, parsers, renderers
from posts.api.auth import KeyAuthentication, active_key, may_call
from posts.api.endpoints import Options, ReplayPolicy, options_of
from posts.api.idempotency import store
from posts.api.idempotency.store import NamedRequest
from posts.api.mounts import is_compat
from posts.api.renderers import EnvelopeRenderer, EnvelopeResponse
from posts.errors import RequestRefused, invalid
from posts.keys import keys
from posts.models import IdempotencyRecord

log = structlog.get_logger()

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
#: Larger answers are not recorded, if their work may be done twice; and larger refusals, which none
#: is by itself: see `error_size`.
KEPT_BYTES, KEPT_REFUSAL_BYTES = 1_000_000, 64_000
NAME = re.compile(r"[\x21-\x7e]{1,255}")


class IdempotencyMiddleware(MiddlewareMixin):
    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """The answer to a named request; None: Django calls the view."""
        options = options_of(view, request.method)
        if options is None or options.replay is ReplayPolicy.NEVER:
            return None
        is_open = KeyAuthentication not in getattr(view.cls, "authentication_classes", ())
        if is_open or request.method in SAFE_METHODS:
            return None
        try:
            named = _named_request(request, options)
            if named is None:
                return None
            replay = options.replay_of(request)
            return _once(request, named, replay, lambda: view(request, *args, **kwargs))
        except (RequestRefused, Error) as error:
            return errors.answer(request, errors.explain(error))


def _named_request(request: HttpRequest, options: Options) -> NamedRequest | None:
    name = request.META.get("HTTP_IDEMPOTENCY_KEY")
    # A request without a key can be named by what it says.
    own = mounts.internal_of(request)
    version_of = options.version_of or own.version_of
    seconds = options.collapse_seconds or own.collapse_seconds
    if options.version_of and not seconds:
        seconds = _collapse_seconds(request)
    if name is None and not seconds:
        return None
    key = active_key(request)
    if key is None or not may_call(key, request.method, options.scope):
        return None  # The view refuses it.
    request.auth = key  # type: ignore[attr-defined]
    # Before the transaction: inside it, every other request with this key would wait for its end.
    keys.note_use(key)
    if name is not None and not NAME.fullmatch(name):
        raise invalid(HEADER, "Must be 1 to 255 visible ASCII characters.")
    fingerprint = _fingerprint(request)
    if name is not None:
        return NamedRequest(key.pk, name, fingerprint)
    return NamedRequest(
        key.pk,
        # With a space, which no caller's name can have.
        f"same {fingerprint}",
        fingerprint,
        timedelta(seconds=seconds),
        partial(version_of, key.workspace_id) if version_of else None,
        is_collapsed=True,
    )


def _collapse_seconds(request: HttpRequest) -> int:
    """Published clients send a POST again, without a key, when its answer was lost."""
    own = settings.COMPAT_COLLAPSE_SECONDS if is_compat(request) else 0
    return max(own, settings.COLLAPSE_SECONDS)


def _fingerprint(request: HttpRequest) -> str:
    try:
        body = request.body
    except RequestDataTooBig:
        raise parsers.too_large() from None
    # By `path_info`: of one address, each mount has an answer of its own.
    address = f"{request.method} {request.get_full_path_info()}\n".encode()
    return hashlib.sha256(address + parsers.canonical(body)).hexdigest()


def _once(
    request: HttpRequest, named: NamedRequest, replay: ReplayPolicy, work: Callable[[], Response]
) -> Response:
    in_transaction = replay is ReplayPolicy.WITH_WORK
    alone = store.locked_transaction if in_transaction else store.lock_beside
    with alone(named) as record_id:
        found = _find(named, record_id) if record_id else None
        if found:
            log.info("answer_replayed", first_request_id=found.request_id)
            return _replay(request, found)
        response = work()
        shown = _shown(response, named) if _is_final(response, named) else None
        if shown and _is_worth_keeping(shown, replay):
            store.record(named, shown, getattr(request, "request_id", ""))
        elif in_transaction:
            # A repeat starts over.
            transaction.set_rollback(True)
    return response


def _find(named: NamedRequest, record_id: int) -> IdempotencyRecord | None:
    """The first answer, if it is still true; one that is not is deleted."""
    found = store.find(named, record_id)
    if found is None or named.version is None:
        return found
    shown = encryption.unseal(found.answer)
    if "version" in shown and shown["version"] != named.version(shown["data"]):
        # Under the lock: an equal request at this moment waits and gets the new answer.
        found.delete()
        return None
    return found


def _is_final(response: Response, named: NamedRequest) -> bool:
    if named.is_collapsed:
        return response.status_code < 300
    return response.status_code < 500 and response.status_code not in (409, 429)


def _is_worth_keeping(shown: Mapping[str, Any], replay: ReplayPolicy) -> bool:
    """A large answer is not, if its request may be worked on again."""
    is_refusal = shown["status"] >= 400
    if not is_refusal and replay is ReplayPolicy.WITH_WORK:
        return True
    most = KEPT_REFUSAL_BYTES if is_refusal else KEPT_BYTES
    return renderers.size(shown["data"]) <= most


def _shown(response: Response, named: NamedRequest) -> dict[str, Any]:
    headers = {name: value for name, value in response.items() if name != "Content-Type"}
    data = json.loads(JSONRenderer().render(response.data) or "null")
    shown = {
        "status": response.status_code,
        "headers": headers,
        "data": data,
        "meta": dict(getattr(response, "meta", {})),
        "is_error": response.exception,
    }
    return {**shown, "version": named.version(data)} if named.version else shown


def _replay(request: HttpRequest, found: IdempotencyRecord) -> Response:
    shown = encryption.unseal(found.answer)
    response = EnvelopeResponse(shown["data"], shown["meta"])
    response.status_code = shown["status"]
    response.exception = shown["is_error"]
    for name, value in shown["headers"].items():
        response[name] = value
    response[REPLAYED] = "true"
    # What DRF's views set on their answers.
    response.accepted_renderer = EnvelopeRenderer()
    response.accepted_media_type = EnvelopeRenderer.media_type
    response.renderer_context = {"request": request}  # type: ignore[attr-defined]
    return response
