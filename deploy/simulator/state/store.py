"""The data of the simulated networks, in one SQLite file that survives a restart."""

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deploy.simulator.state.records import FAR_FUTURE, Account, Post, Token

#: The object that holds the offset of the networks' clock.
CLOCK = ("", "clock", "shift")

SCHEMA = """
CREATE TABLE IF NOT EXISTS account (
    network TEXT, id TEXT, name TEXT, username TEXT, token TEXT UNIQUE, extra TEXT,
    PRIMARY KEY (network, id));
CREATE TABLE IF NOT EXISTS object (
    network TEXT, kind TEXT, id TEXT, account TEXT, data TEXT, PRIMARY KEY (network, kind, id));
CREATE INDEX IF NOT EXISTS object_account ON object (network, account, kind);
CREATE TABLE IF NOT EXISTS post (
    seq INTEGER PRIMARY KEY, network TEXT, id TEXT, account TEXT, text TEXT, media TEXT,
    url TEXT, extra TEXT, created_at REAL, UNIQUE (network, id));
CREATE INDEX IF NOT EXISTS post_account ON post (network, account, seq);
CREATE TABLE IF NOT EXISTS token (
    network TEXT, value TEXT, account TEXT, kind TEXT, scopes TEXT, expires_at REAL,
    issued_at REAL, data TEXT, PRIMARY KEY (network, value));
"""


class Store:
    """Keeps its data below the folder `home`. Every method may be called from any thread."""

    def __init__(self, home: Path) -> None:
        self.files = home / "files"
        self.files.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        database = home / "simulator.db"
        database.touch()
        # These hold tokens and files. SQLite gives its log the same mode.
        self.files.chmod(0o700)
        database.chmod(0o600)
        self._db = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(SCHEMA)

    def _run(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def close(self) -> None:
        self._db.close()

    # Accounts

    def add_account(self, account: Account) -> None:
        self._run(
            "INSERT OR REPLACE INTO account VALUES (?, ?, ?, ?, ?, ?)",
            account.network,
            account.id,
            account.name,
            account.username,
            account.token,
            json.dumps(account.extra),
        )

    def account(self, network: str, account_id: str) -> Account | None:
        return self._one_account("network = ? AND id = ?", network, account_id)

    def accounts(self, network: str = "") -> list[Account]:
        """The accounts of one network, or of all."""
        where, values = _of(network, "")
        rows = self._run(f"SELECT * FROM account WHERE {where} ORDER BY network, name", *values)
        return [_account(row) for row in rows]

    def _one_account(self, where: str, *values: str) -> Account | None:
        rows = self._run(f"SELECT * FROM account WHERE {where}", *values)
        return _account(rows[0]) if rows else None

    # Tokens. The one that an account was made with never expires and has all its scopes.

    def add_token(self, token: Token) -> None:
        self._run(
            "INSERT OR REPLACE INTO token VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            token.network,
            token.value,
            token.account,
            token.kind,
            json.dumps(token.scopes),
            token.expires_at,
            token.issued_at,
            json.dumps(dict(token.data)),
        )

    def token(self, network: str, value: str) -> Token | None:
        """The token, even if it has expired; None if it is unknown or was revoked."""
        rows = self._run("SELECT * FROM token WHERE network = ? AND value = ?", network, value)
        if rows:
            _, _, account, kind, scopes, expires_at, issued_at, data = rows[0]
            granted = None if scopes == "null" else tuple(json.loads(scopes))
            return Token(
                network, value, account, kind, granted, expires_at, issued_at, json.loads(data)
            )
        owner = self._one_account("network = ? AND token = ?", network, value)
        if owner is None:
            return None
        scopes = owner.extra.get("scopes")
        return Token(network, value, owner.id, scopes=None if scopes is None else tuple(scopes))

    def drop_token(self, network: str, value: str) -> None:
        self._run("DELETE FROM token WHERE network = ? AND value = ?", network, value)

    def tokens_of(self, network: str, account: str) -> list[Token]:
        rows = self._run(
            "SELECT value FROM token WHERE network = ? AND account = ?", network, account
        )
        return [token for (value,) in rows if (token := self.token(network, value))]

    # What testers set: the clock, and how a network or an account behaves

    def now(self) -> float:
        """Unix seconds on the networks' clock, which testers may set forward."""
        shift = self.get(*CLOCK)
        return time.time() + (shift["seconds"] if shift else 0)

    def advance(self, seconds: float) -> None:
        shift = self.get(*CLOCK)
        self.put(*CLOCK, "", {"seconds": seconds + (shift["seconds"] if shift else 0)})

    def set(self, network: str, account: str, name: str, value: Any) -> None:
        self.put(network, "setting", f"{account}:{name}", account, {"value": value})

    def setting(self, network: str, account: str, name: str, default: Any) -> Any:
        """The value for the account, or else for the whole network."""
        own = self.get(network, "setting", f"{account}:{name}")
        found = own or self.get(network, "setting", f":{name}")
        return found["value"] if found else default

    def settings_of(self, network: str, account: str) -> list[tuple[str, Any]]:
        """(name, value) of everything set for the account or for its whole network."""
        rows = self._run(
            "SELECT id, data FROM object WHERE network = ? AND kind = 'setting'"
            " AND account IN ('', ?) ORDER BY account, id",
            network,
            account,
        )
        return [(key.partition(":")[2], json.loads(data)["value"]) for key, data in rows]

    # Private objects: uploads, containers, sessions

    def put(
        self, network: str, kind: str, object_id: str, account: str, data: dict[str, Any]
    ) -> None:
        self._run(
            "INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?, ?)",
            network,
            kind,
            object_id,
            account,
            json.dumps(data),
        )

    def get(self, network: str, kind: str, object_id: str) -> dict[str, Any] | None:
        """The object, with its owner under `account`; None if there is none."""
        rows = self._run(
            "SELECT account, data FROM object WHERE network = ? AND kind = ? AND id = ?",
            network,
            kind,
            object_id,
        )
        return {**json.loads(rows[0][1]), "account": rows[0][0]} if rows else None

    def change(self, network: str, kind: str, object_id: str, **values: Any) -> None:
        found = self.get(network, kind, object_id)
        if found is None:
            raise KeyError(object_id)
        account = found.pop("account")
        self.put(network, kind, object_id, account, {**found, **values})

    # Files

    def write_file(self, content: bytes, content_type: str) -> str:
        """Stores the bytes and returns their id, which `/files/{id}` serves."""
        file_id = secrets.token_hex(12)
        (self.files / file_id).write_bytes(content)
        self.put("", "file", file_id, "", {"content_type": content_type, "size": len(content)})
        return file_id

    # Public posts

    def publish(
        self,
        network: str,
        post_id: str,
        account: str,
        *,
        text: str,
        media: tuple[str, ...] = (),
        url: str = "",
        extra: Mapping[str, Any] | None = None,
        created_at: float | None = None,
    ) -> None:
        self._run(
            "INSERT INTO post (network, id, account, text, media, url, extra, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            network,
            post_id,
            account,
            text,
            json.dumps(media),
            url,
            json.dumps(extra or {}),
            created_at or time.time(),
        )

    def post(self, network: str, post_id: str) -> Post | None:
        return next(self._posts("network = ? AND id = ?", 1, 0, network, post_id), None)

    def posts_of(
        self,
        network: str,
        account: str,
        limit: int = 100,
        *,
        since: float = 0,
        until: float = FAR_FUTURE,
    ) -> list[Post]:
        """An account's public posts, newest first, created between two unix times in seconds."""
        where = "network = ? AND account = ? AND created_at BETWEEN ? AND ?"
        return list(self._posts(where, limit, 0, network, account, since, until))

    def wall(
        self, limit: int = 100, offset: int = 0, *, network: str = "", account: str = ""
    ) -> list[Post]:
        """All public posts, newest first, or those of one network or account."""
        where, values = _of(network, account)
        return list(self._posts(where, limit, offset, *values))

    def count(self, *, network: str = "", account: str = "") -> int:
        where, values = _of(network, account)
        return int(self._run(f"SELECT count(*) FROM post WHERE {where}", *values)[0][0])

    def change_post(self, network: str, post_id: str, text: str, extra: Mapping[str, Any]) -> None:
        self._run(
            "UPDATE post SET text = ?, extra = ? WHERE network = ? AND id = ?",
            text,
            json.dumps(extra),
            network,
            post_id,
        )

    def delete_post(self, network: str, post_id: str) -> None:
        """Readers no longer see it; the wall remembers that it was there."""
        if post := self.post(network, post_id):
            self.put(network, "removed", post_id, post.account, {"text": post.text or post.url})
        self._run("DELETE FROM post WHERE network = ? AND id = ?", network, post_id)

    def removed(self, limit: int, *, network: str = "", account: str = "") -> list[dict[str, Any]]:
        """Posts that were deleted, the last first: network and text."""
        where, values = _of(network, account)
        wanted = f"kind = 'removed' AND {where} ORDER BY rowid DESC LIMIT {limit}"
        rows = self._run(f"SELECT network, data FROM object WHERE {wanted}", *values)
        return [{"network": key, **json.loads(data)} for key, data in rows]

    def _posts(self, where: str, limit: int, offset: int, *values: Any) -> Iterator[Post]:
        rows = self._run(
            "SELECT network, id, account, text, media, url, extra, created_at FROM post"
            f" WHERE {where} ORDER BY seq DESC LIMIT ? OFFSET ?",
            *values,
            limit,
            offset,
        )
        for network, post_id, account, text, media, url, extra, created_at in rows:
            files = tuple(json.loads(media))
            yield Post(network, post_id, account, text, files, url, json.loads(extra), created_at)

    def clear(self) -> None:
        """Delete posts, private objects and settings; accounts, tokens and apps stay."""
        self._run("DELETE FROM post")
        self._run("DELETE FROM object WHERE kind <> 'app'")


def _of(network: str, account: str) -> tuple[str, list[str]]:
    """The condition, with its values, for posts of a network or account; empty means any."""
    wanted = {"network": network, "account": account}
    given = {column: value for column, value in wanted.items() if value}
    where = " AND ".join(f"{column} = ?" for column in given) or "TRUE"
    return where, list(given.values())


def _account(row: tuple[Any, ...]) -> Account:
    network, account_id, name, username, token, extra = row
    return Account(network, account_id, name, username, token, json.loads(extra))
