"""Files and the proxy, as customers and networks reach them: from outside, by PUBLIC_URL."""

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

from config.status.fact import Finding, ok, problem, warning
from config.web import trusted_proxies

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
    found = list(trusted_proxies.problems(settings.WEB_HOST, settings.WEB_TRUSTED_PROXIES))
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
