"""Servers as they are reached: web and files from outside by PUBLIC_URL, others from here.

Nothing is sent to a network but a request for its root.
"""

import asyncio
import http.client
import socket
import ssl
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from config.operators.sso import provider
from config.status.fact import Finding, ok, problem, warning
from config.web import proxies
from platforms.adapter import Adapter
from platforms.http.transport import Transport
from platforms.registry import ADAPTERS

#: The folder of the file that is stored, fetched and deleted.
FOLDER = "doctor"
TIMEOUT_SECONDS = 5
#: An upload of this size is announced, and not one byte of it sent. No upload URL takes more.
ANNOUNCED_BYTES = 400 * 1024**2
MOVED = (http.client.MOVED_PERMANENTLY, http.client.FOUND, http.client.PERMANENT_REDIRECT)
BODIES = "deploy/README.md says how a proxy passes uploads on."


def check_storage() -> Iterator[Finding]:
    """Stores a small file, reads it, and fetches it as a network would."""
    content = uuid.uuid4().hex.encode()
    where = settings.MEDIA_S3_BUCKET or settings.MEDIA_ROOT
    try:
        key = default_storage.save(f"{FOLDER}/{uuid.uuid4().hex}.txt", ContentFile(content))
    except OSError as failure:
        said = f"A file cannot be stored in {where}: {type(failure).__name__}."
        yield problem("storage", said, "Look at the disk, its owner and rights, or at the bucket.")
        return
    try:
        with default_storage.open(key) as file:
            if file.read() != content:
                yield problem("storage", f"{where} returned other bytes.", "Look at the storage.")
                return
        yield ok("storage", f"{where} stores and returns files")
        yield _public(default_storage.url(key), content)
    finally:
        with suppress(OSError):
            default_storage.delete(key)


def _public(url: str, content: bytes) -> Finding:
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    remedy = f"Networks fetch media there. Make {origin} reach this installation, from outside too."
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - ours
            fetched = answer.read(len(content) + 1)
    except urllib.error.HTTPError as refusal:
        return problem("storage", f"{origin} answers {refusal.code} for a file.", remedy)
    except (OSError, http.client.HTTPException) as failure:
        said = f"{origin} cannot be reached from here: {type(failure).__name__}."
        return problem("storage", said, remedy)
    if fetched != content:
        return problem("storage", f"{origin} returns something else for a file.", remedy)
    return ok("storage", f"{origin} serves files")


def check_trusted_proxies() -> Iterator[Finding]:
    """Yield a warning for each problem of the trusted proxies, or which they are."""
    found = list(proxies.problems(settings.WEB_HOST, settings.WEB_TRUSTED_PROXIES))
    yield from (warning("trusted proxies", said, hint) for said, hint in found)
    if not found:
        names = ", ".join(map(str, settings.WEB_TRUSTED_PROXIES))
        yield ok("trusted proxies", f"web takes callers' addresses from {names} only")


def check_proxy() -> Iterator[Finding]:
    """Announces an upload to an unknown URL and sends nothing of it.

    Web refuses it by its header alone. A proxy that collects the body first has nothing to pass on,
    and one with a limit of its own refuses it in its own words.
    """
    try:
        status, is_ours = _announce()
    except (TimeoutError, http.client.HTTPException):
        yield warning(
            "proxy",
            "It collects a whole upload before it passes it on: uploads take twice as long.",
            BODIES,
        )
    except OSError as failure:
        said = f"{settings.PUBLIC_URL} cannot be reached from here: {type(failure).__name__}."
        yield problem("proxy", said, "Look at PUBLIC_URL, at the proxy and at web.")
    else:
        if is_ours and status == http.client.NOT_FOUND:
            yield ok("proxy", "it passes uploads on as they arrive")
        elif status in MOVED:
            said = "Web does not see that callers use https, and sends them there for ever."
            yield problem("proxy", said, "Name the proxy's address in WEB_TRUSTED_PROXIES.")
        else:
            said = f"It answers {status} to an upload of {ANNOUNCED_BYTES // 1024**2} MB."
            yield problem("proxy", said, BODIES)


def _announce() -> tuple[int, bool]:
    """The status of the answer, and whether web gave it."""
    url = urlsplit(settings.PUBLIC_URL)
    connection: http.client.HTTPConnection
    host = url.hostname or ""
    if url.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(
            host, url.port, timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        connection = http.client.HTTPConnection(host, url.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.putrequest("PUT", f"{url.path}/uploads/doctor")
        connection.putheader("Content-Type", "application/octet-stream")
        connection.putheader("Content-Length", str(ANNOUNCED_BYTES))
        connection.endheaders()
        if connection.sock:
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answer = connection.getresponse()
        return answer.status, b'"not_found"' in answer.read(4096)
    finally:
        connection.close()


def check_egress() -> Iterator[Finding]:
    """Any answer will do: an unauthorized request is refused by the network itself."""
    adapters = list(ADAPTERS.values())
    for adapter, status in zip(adapters, asyncio.run(_statuses(adapters)), strict=True):
        if status is not None:
            yield ok("egress", f"{adapter.name} answers")
            continue
        report = problem if _is_used(adapter) else warning
        yield report(
            "egress",
            f"{adapter.name} cannot be reached at {adapter.origin}.",
            "Look at name resolution, at the firewall and at PLATFORM_BASE_URLS on this machine.",
        )


def _is_used(adapter: Adapter) -> bool:
    """Return whether this installation has an app there."""
    return any(login in settings.PLATFORM_APPS for login in adapter.logins)


async def _statuses(adapters: list[Adapter]) -> list[int | None]:
    transport = Transport(base_urls=settings.PLATFORM_BASE_URLS, gateway=settings.SIMULATOR_URL)
    try:
        return await asyncio.gather(
            *(transport.status_of(f"{each.origin}/", TIMEOUT_SECONDS) for each in adapters)
        )
    finally:
        await transport.close()


def check_provider() -> Iterator[Finding]:
    """Find nothing without a provider. Posts go out without it, so this is never a problem."""
    if not settings.OIDC_ISSUER:
        return
    try:
        provider.document()
    except provider.Away as why:
        said = f"Operators cannot log in by it: {why}"
        remedy = "Look at OIDC_ISSUER, and at the provider. Superusers: /admin/login/?by=password."
        yield warning("single sign-on", said, remedy)
    else:
        yield ok("single sign-on", "the provider answers")
