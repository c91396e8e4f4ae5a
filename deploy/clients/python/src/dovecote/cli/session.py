"""Which server the command line speaks to: from the environment, else from the last login."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from dovecote.cli import show
from dovecote.client import (
    KEY_VARIABLE,
    PATIENCE_SECONDS,
    TIMEOUT_SECONDS,
    URL_VARIABLE,
    Client,
)
from dovecote.errors import DovecoteError

#: How many seconds a call may take, with every time it is sent again.
PATIENCE_VARIABLE = "DOVECOTE_PATIENCE"


class NotLoggedIn(DovecoteError):
    """There is no key for this server."""


@dataclass(frozen=True)
class Login:
    url: str
    api_key: str


def file() -> Path:
    config = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(config) / "dovecote" / "login.json"


def save(login: Login) -> None:
    """Readable for its owner alone, from the moment it exists."""
    place = file()
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = place.with_suffix(f".{os.getpid()}")
    opened = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w") as written:
        json.dump(asdict(login), written)
    new.replace(place)


def forget() -> bool:
    """Return whether there was a login to forget. The key stays valid until it is revoked."""
    existed = file().exists()
    file().unlink(missing_ok=True)
    return existed


def saved() -> Login | None:
    try:
        return Login(**json.loads(file().read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        raise NotLoggedIn(f"{file()} cannot be read. Log in again: dovecote login") from None


def client(timeout: float = TIMEOUT_SECONDS) -> Client:
    """Raises NotLoggedIn if no key is known for the server. `timeout`: seconds of one request."""
    url, key = os.environ.get(URL_VARIABLE), os.environ.get(KEY_VARIABLE)
    if url and key:
        return opened(url, key, timeout)
    login = saved()
    if login is None:
        raise NotLoggedIn(
            f"Log in first: dovecote login --url https://…  (or set {URL_VARIABLE} and "
            f"{KEY_VARIABLE})"
        )
    if url and url.rstrip("/") != login.url:
        raise NotLoggedIn(
            f"{URL_VARIABLE} is {url}, and the login is for {login.url}. Set {KEY_VARIABLE} too, "
            f"or log in there: dovecote login --url {url}"
        )
    return opened(login.url, key or login.api_key, timeout)


def opened(url: str, key: str, timeout: float = TIMEOUT_SECONDS) -> Client:
    """A client that says so when nothing answers."""
    patience = float(os.environ.get(PATIENCE_VARIABLE) or PATIENCE_SECONDS)
    client = Client(url, key, timeout=timeout, patience=patience, http=Http(patience))
    client._ours = True  # it closes what it would have opened itself
    return client


class Http(httpx.Client):
    """Says once that nothing answers: the client tries again in silence until patience ends."""

    def __init__(self, patience: float) -> None:
        super().__init__()
        self._patience, self._has_told = patience, False

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        try:
            return super().send(request, **options)
        except httpx.TransportError as failed:
            if not self._has_told:
                self._has_told = True
                where = f"{request.url.scheme}://{request.url.netloc.decode()}"
                show.err.print(
                    show.clean(
                        f"Nothing answers at {where} yet ({failed}). "
                        f"Trying for {self._patience:.0f} s; Ctrl-C ends it."
                    )
                )
            raise
