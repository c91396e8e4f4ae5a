"""The facts of Bluesky that tests need."""

import dataclasses
from typing import Any

from platforms.drafts import Draft
from tests.conftest import Simulator
from tests.deploy.simulator.still_right import Right
from tests.platforms.bluesky.account import PASSWORD, SERVER, did_of
from tests.platforms.bluesky.test_login import Person
from tests.platforms.facts import Account, Deletion, Kind, LostAnswer, NetworkFacts
from tests.platforms.samples import CLIP, PICTURE, SHAPED, THREAD, VIDEO

LEXICON = "github.com/bluesky-social/atproto, lexicons"
#: The account that drafts mention and refer to, and a post of it.
PIGEON = did_of("1")
_LINK = f"https://bsky.app/profile/{PIGEON}/post/3kaaaaaaaaaaa"
ABOUT = {"quote": _LINK, "replyTo": _LINK}
_RECORD = {
    "$type": "app.bsky.feed.post",
    "text": "Coo",
    "createdAt": "2026-11-30T12:00:00.000Z",
}


def prepare(simulator: Simulator) -> None:
    """Make the account that drafts mention, and its post."""
    facts = {**SERVER, "password": PASSWORD}
    if not simulator.posts("bluesky", PIGEON):
        token = simulator.connect("bluesky", PIGEON, username="pigeons.example", extra=facts)
        write = {
            "$type": "com.atproto.repo.applyWrites#create",
            "collection": _RECORD["$type"],
            "rkey": _LINK.rpartition("/")[2],
            "value": _RECORD,
        }
        simulator.http.post(
            "/bsky.social/xrpc/com.atproto.repo.applyWrites",
            json={"repo": PIGEON, "writes": [write]},
            headers={"Authorization": f"Bearer {token}"},
        ).raise_for_status()


def person(digits: str, _login: str) -> tuple[str, dict[str, Any]]:
    return did_of(digits), {"username": f"dove-{digits}.bsky.social", "extra": SERVER}


def sign_in(simulator: Simulator) -> None:
    """Connect an account by its app password, and renew its session."""
    person = Person(simulator)
    profile = person.sign_in()
    person.refresh(profile)


FACTS = NetworkFacts(
    account=Account(did_of, SERVER),
    kinds={
        "": Kind("apply_writes"),
        "picture": Kind("apply_writes", PICTURE),
        "video": Kind("apply_writes", CLIP),
    },
    # One read of the key that was chosen before the call, and no waiting for a list.
    lost={"": LostAnswer(Kind("apply_writes"), {}, 1, 1, 1)},
    lookups=("get_record",),
    thread=THREAD,
    # An app password has no scopes.
    deletion=Deletion("delete_record", refusal='{"code": "ACCESS_DENIED"}'),
    numbers=("get_posts", {"likes", "comments", "shares"}),
    links=(
        "3l6oveex3ii2l",
        "https://bsky.app/profile/did:plc:abcdefghijklmnopqrstuvwx/post/3l6oveex3ii2l",
        "https://bsky.app/profile/acme.bsky.social/post/3l6oveex3ii2l",
        "bsky.app/profile/acme.example.com/post/3l6oveex3ii2l?ref=x",
    ),
    image=(2_000_000, 0, 0, 0, 0),
    video=(100_000_000, 0, 3 * 60),
    has_link_cards=True,
    refusals=(lambda words: {"error": "InvalidRequest", "message": words},),
    patterns=(
        ("adapter.LANGUAGE", "fullmatch", "word"),
        ("card.ATTRIBUTE", "finditer", "word"),
        ("card.META", "finditer", "body"),
        ("card.TITLE", "search", "body"),
        ("facets.LINK", "finditer", "body"),
        ("facets.MENTION", "finditer", "body"),
        ("facets.TAG", "finditer", "body"),
        ("facets.CASHTAG", "finditer", "body"),
        ("identity.BEFORE_HANDLE", "sub", "word"),
        ("identity.DID", "fullmatch", "word"),
        ("identity.HANDLE", "fullmatch", "word"),
        ("thread.POST", "fullmatch", "word"),
    ),
    scans=(("card", "said_by", "body"), ("facets", "handles", "body")),
    prepare=prepare,
    sign_in=sign_in,
    person=person,
    denied={"bluesky": {"error": "access_denied", "iss": SERVER["pds"]}},
    trials=(
        Kind(
            "apply_writes",
            Draft(
                "One https://example.com/dovecote @pigeons.example #doves",
                settings={
                    "thread": ["Two"],
                    "languages": ["en"],
                    "labels": ["nudity"],
                    "replyControl": "mentioned",
                    "allowQuotes": False,
                },
            ),
        ),
        Kind("apply_writes", Draft("Look", (SHAPED,))),
        Kind("apply_writes", Draft("Look", (SHAPED,) * 5)),
        Kind("apply_writes", Draft("Look", (dataclasses.replace(VIDEO, alt_text="A dove"),))),
        Kind("apply_writes", Draft("Look", (SHAPED,), ABOUT)),
        Kind("apply_writes", Draft("Look", settings={"quote": ABOUT["quote"]})),
    ),
    still_right=(
        Right(
            "(GET|POST) .*/xrpc/.*",
            "add query",
            "unknown",
            "npm @atproto/xrpc-server: parameters that a lexicon does not have are left out",
        ),
        Right("POST bsky.social/oauth/par", "empty body", "state", "RFC 6749, 4.1.1: any text"),
        Right(
            "POST bsky.social/xrpc/com.atproto.repo.applyWrites",
            "empty|enlarge body",
            r"writes writes\.0\.value\.embed\.(.*\.)?aspectRatio\.(width|height)",
            f"{LEXICON}, applyWrites, embed.defs#aspectRatio: no least items, no largest side",
        ),
        Right(
            "GET bsky.social/xrpc/app.bsky.*",
            "drop|misspell header",
            "atproto-proxy",
            "docs.bsky.app, API Hosts and Auth: a server forwards reads of the app without it too",
        ),
        Right(
            "GET bsky.social/xrpc/app.bsky.feed.getPosts",
            "double|alter query",
            "uris",
            f"{LEXICON}, app.bsky.feed.getPosts: a list; posts that are not there are left out",
        ),
        Right(
            "GET bsky.social/xrpc/com.atproto.server.getServiceAuth",
            "drop query",
            "exp",
            f"{LEXICON}, com.atproto.server.getServiceAuth: optional, a minute",
        ),
        Right(
            "POST bsky.social/oauth/par",
            "drop|alter body",
            "state login_hint",
            "RFC 6749, 4.1.1: a state is the app's; atproto.com/specs/oauth: hints are optional",
        ),
        Right(
            "POST bsky.social/xrpc/com.atproto.repo.applyWrites",
            "drop body",
            r"writes\.0\.rkey writes\.0\.value\.(embed|reply) "
            r"writes\.0\.value\.embed\.(.*\.)?(alt|aspectRatio)",
            f"{LEXICON}, applyWrites, app.bsky.feed.post, embed.images and embed.video: optional",
        ),
    ),
)
