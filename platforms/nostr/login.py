"""Connect an account by its private key, at relays that are given or that it has published.

A key neither expires nor is renewed. The media server is that of the form, or of the account's own
list.

Source: https://github.com/nostr-protocol/nips/blob/master/65.md and 01.md, BUD-03 of
https://github.com/hzrd149/blossom (read 2026-12-01).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from platforms.drafts import Credentials
from platforms.errors import PlatformError, Rejected, Unauthorized
from platforms.http.client import Answer, Client
from platforms.http.foreign.stated import read_json
from platforms.http.foreign.websocket import NO_WEBSOCKET
from platforms.login_forms import FormField, FormLogin
from platforms.nostr import errors, nip19, relays
from platforms.nostr.events import MEDIA_SERVERS, PROFILE, RELAYS, Event, Key, tag_values
from platforms.nostr.relays import Relays, Reply
from platforms.oauth import App, Profile, Tokens

#: Relays that have the lists of many accounts.
DIRECTORIES = ("wss://purplepag.es", "wss://relay.damus.io")
SERVER = re.compile(r"https://[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?/?", re.I)
NO_KEY = "This is no private key: it begins with nsec1, or has 64 hexadecimal digits."
NO_LIST = "The account has published no list of relays; enter some, such as wss://relay.damus.io."
NO_RELAY = "There is no relay at these addresses; enter others, such as wss://relay.damus.io."
NO_SERVER = "The media server is an address such as https://blossom.band."
NAME_CHARS = 100


class KeyLogin(FormLogin):
    name = "Nostr"
    intro = (
        "The private key is the account, for ever: enter one only into an installation that you "
        "trust. It is stored encrypted."
    )
    fields = (
        FormField(
            "private_key",
            "Private key",
            "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5",
            "As nsec1… or in hexadecimal.",
            is_secret=True,
        ),
        FormField(
            "relays",
            "Relays",
            "wss://relay.damus.io wss://nos.lol",
            f"Up to {relays.MOST} addresses; if none are given, those that the account has "
            "published.",
            is_required=False,
            max_chars=2000,
        ),
        FormField(
            "media_server",
            "Media server",
            "https://blossom.band",
            "A Blossom server for pictures and videos; if none is given, the one that the account "
            "has published.",
            is_required=False,
        ),
    )

    async def sign_in(self, answers: Mapping[str, str], http: Client) -> Sequence[Profile]:
        http.hide(answers["private_key"].strip())
        try:
            key = Key(answers["private_key"].strip())
        except ValueError:
            raise Unauthorized(NO_KEY) from None
        http.hide(key.secret)
        given, server = relays.urls_in(answers.get("relays", "")), answers.get("media_server", "")
        if server and not SERVER.fullmatch(server.strip()):
            raise Rejected(NO_SERVER, code="address_refused")
        wanted = {"kinds": [PROFILE, RELAYS, MEDIA_SERVERS]}
        replies = await Relays(given or DIRECTORIES, key, http).ask(wanted)
        _require_answers(replies, is_choice=bool(given))
        known = _newest(event for reply in replies for event in reply.found.values())
        urls = given or _published_relays(known.get(RELAYS))
        if not urls:
            raise Rejected(NO_LIST, code="address_refused")
        server = server.strip() or _published_server(known.get(MEDIA_SERVERS))
        code, shown = nip19.npub(key.pubkey), _profile(known.get(PROFILE))
        name = shown.get("display_name") or shown.get("name")
        picture = shown.get("picture")
        is_picture = isinstance(picture, str) and re.fullmatch(r"https://\S{1,1000}", picture)
        return [
            Profile(
                platform_account_id=key.pubkey,
                name=name[:NAME_CHARS] if isinstance(name, str) and name else f"{code[:16]}…",
                username=code,
                tokens=Tokens(access=key.secret),
                avatar_url=str(picture) if is_picture else "",
                extra={"relays": " ".join(urls), "media": server.rstrip("/")},
            )
        ]

    def can_refresh(self, account: Credentials) -> bool:
        return False

    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        raise Unauthorized("Nostr's keys are not renewed.")

    def explain(self, answer: Answer) -> PlatformError:
        return errors.explain(answer)


def _require_answers(replies: Sequence[Reply], *, is_choice: bool) -> None:
    """Raise PlatformError if no relay answers, or if one that was chosen must not be called."""
    failed = [reply.error for reply in replies if reply.error]
    refused = [error for error in failed if error.code == "address_refused"]
    if refused and is_choice:
        raise refused[0]
    if len(failed) < len(replies):
        return
    if is_choice and all(error.platform_code == NO_WEBSOCKET for error in failed):
        raise Rejected(NO_RELAY, code="address_refused")
    raise errors.together(failed)


def _newest(events: Iterable[Event]) -> dict[int, Event]:
    """Return the newest event of each kind."""
    found: dict[int, Event] = {}
    for event in sorted(events, key=lambda event: int(event["created_at"])):
        found[event["kind"]] = event
    return found


def _published_relays(event: Event | None) -> list[str]:
    """Return the relays that the account writes to."""
    named = tag_values(event or {}, "r")
    urls = (values[0].rstrip("/") for values in named if "read" not in values[1:])
    return list(dict.fromkeys(url for url in urls if relays.URL.fullmatch(url)))[: relays.MOST]


def _published_server(event: Event | None) -> str:
    urls = (values[0] for values in tag_values(event or {}, "server"))
    return next((url for url in urls if SERVER.fullmatch(url)), "")


def _profile(event: Event | None) -> Mapping[str, Any]:
    try:
        found = read_json((event or {"content": ""})["content"])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
