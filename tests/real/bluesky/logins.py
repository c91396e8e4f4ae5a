"""Cases of the login: sessions that are opened, renewed, refused and ended."""

import time
from collections.abc import Callable
from typing import Any

from platforms.bluesky import identity
from platforms.oauth import Profile
from tests.real.bluesky.sides import HOST
from tests.real.bluesky.stage import Seen, Stage, claims, read, refused

Play = Callable[[Stage], Seen]
OPEN, RENEW = "com.atproto.server.createSession", "com.atproto.server.refreshSession"
#: Of a session's answer, what the adapter reads beside its tokens.
READ = ("did", "handle", "active", "status")
WRONG = "abcd-abcd-abcd-abcd"


def signs_in(stage: Stage) -> Seen:
    return _shown(stage.profile, stage.side.now())


def signs_in_as(form: str) -> Play:
    """Sign in by what people copy."""

    def play(stage: Stage) -> Seen:
        profile = stage.sign_in(form.format(**vars_of(stage)), stage.person.password)
        return _shown(profile, stage.side.now())

    return play


def vars_of(stage: Stage) -> dict[str, str]:
    return {"handle": stage.person.handle, "did": stage.person.did}


def refuses(handle: str = "{handle}", password: str = "") -> Play:
    """Sign in with a handle or a password that is not the account's."""

    def play(stage: Stage) -> Seen:
        named = handle.format(**vars_of(stage))
        return refused(lambda: stage.sign_in(named, password or stage.person.password))

    return play


def refuses_the_own_password(stage: Stage) -> Seen:
    own = stage.side.own_password(stage.person)
    return refused(lambda: stage.sign_in(stage.person.handle, own))


def refuses_a_deactivated_account(stage: Stage) -> Seen:
    stage.side.deactivate(stage.person)
    # Whether the app still resolves its handle is not the server's to say.
    return refused(lambda: stage.sign_in(stage.person.did, stage.person.password))


def renews(stage: Stage) -> Seen:
    old = stage.profile.tokens
    new = stage.refresh(old)
    return {
        "access": claims(new.access, stage.side.now()),
        "refresh is another": new.refresh != old.refresh,
    }


def renews_after_a_lost_answer(stage: Stage) -> Seen:
    """Renew a session that the server has renewed without our learning of it."""
    old = stage.profile.tokens
    stage.gateway.lose(RENEW, "after")
    lost = refused(lambda: stage.refresh(old))
    return {"lost": lost, "access": claims(stage.refresh(old).access, stage.side.now())}


def opens_after_a_session_was_ended(stage: Stage) -> Seen:
    """Open another session by the app password that is kept."""
    ended = stage.profile.tokens
    stage.post("com.atproto.server.deleteSession", token=ended.refresh)
    return claims(stage.refresh(ended).access, stage.side.now())


def ends_with_the_app_password(stage: Stage) -> Seen:
    tokens = stage.profile.tokens
    stage.side.revoke(stage.person)
    return refused(lambda: stage.refresh(tokens))


def reads_sessions(stage: Stage) -> Seen:
    """Open and renew a session by the calls that the adapter sends."""
    body = {"identifier": stage.person.did, "password": stage.person.password}
    opened = stage.post(OPEN, body, token="", fields=[*READ, "accessJwt", "refreshJwt"])
    access, refresh = opened.pop("accessJwt"), opened.pop("refreshJwt")
    return {
        "opened": opened,
        "access": claims(access, stage.side.now()),
        "refresh": claims(refresh, stage.side.now()),
        "renewed": stage.post(RENEW, token=refresh, fields=READ),
        "renewed again": stage.post(RENEW, token=refresh, fields=READ),
        "by an access token": stage.post(RENEW, token=access),
        "by nothing": stage.post(RENEW, token=""),
        "by what is no token": stage.post(RENEW, token="nonsense"),
    }


def reads_refusals(stage: Stage) -> Seen:
    did, password = stage.person.did, stage.person.password
    given: dict[str, Any] = {
        "a wrong password": {"identifier": did, "password": WRONG},
        "no such account": {"identifier": "unknown.test", "password": WRONG},
        "no password": {"identifier": did},
        "a number": {"identifier": did, "password": 7},
        "nothing": {},
    }
    seen = {name: stage.post(OPEN, body, token="") for name, body in given.items()}
    stage.side.deactivate(stage.person)
    body = {"identifier": did, "password": password}
    return {**seen, "deactivated": stage.post(OPEN, body, token="", fields=READ)}


def is_limited(stage: Stage) -> Seen:
    """Log in more often than the server lets anyone."""
    body = {"identifier": stage.person.did, "password": stage.person.password}
    return read(stage.side.limit(stage.person, lambda: stage.send("POST", OPEN, json=body)))


def reads_the_identity(stage: Stage) -> Seen:
    """Read what the directory and the resolver say of an account."""
    found = stage.run(lambda http: identity.find(stage.person.handle, http))
    resolve = "com.atproto.identity.resolveHandle"
    return {
        "identity": [found.did, found.handle, found.pds],
        "handle": stage.get(resolve, handle=stage.person.handle, fields=["did"]),
        "unknown": stage.get(resolve, handle="unknown.test", fields=["did"]),
        "no handle": stage.get(resolve, handle="unknown", fields=["did"]),
    }


def grants_an_upload(stage: Stage) -> Seen:
    """Ask for the right to upload a video, as the video service wants it."""
    grant = "com.atproto.server.getServiceAuth"
    asked = {"aud": f"did:web:{HOST}", "lxm": "com.atproto.repo.uploadBlob"}
    now = int(time.time())
    given = stage.get(grant, **asked, exp=str(now + 1800), fields=["token"])
    given["token"] = str(given.get("token", "")).count(".")
    return {
        "given": given,
        "for too long": stage.get(grant, **asked, exp=str(now + 7200)),
        "in the past": stage.get(grant, **asked, exp=str(now - 60)),
        "to no one": stage.get(grant, **{**asked, "aud": "unknown"}, exp=str(now + 60)),
    }


def _shown(profile: Profile, now: float) -> Seen:
    return {
        "id": profile.platform_account_id,
        "name": profile.name,
        "pds": profile.extra["pds"],
        "keeps": sorted(profile.extra),
        "access": claims(profile.tokens.access, now),
    }


CASES: dict[str, Play] = {
    "sign in": signs_in,
    "sign in as @handle": signs_in_as("@{handle}"),
    "sign in as a link": signs_in_as("https://bsky.app/profile/{handle}"),
    "sign in as a DID": signs_in_as("{did}"),
    "sign in with a wrong password": refuses(password=WRONG),
    "sign in without an account": refuses(handle="unknown.test"),
    "sign in with the account's own password": refuses_the_own_password,
    "sign in to a deactivated account": refuses_a_deactivated_account,
    "renew a session": renews,
    "renew a session after a lost answer": renews_after_a_lost_answer,
    "open a session after one was ended": opens_after_a_session_was_ended,
    "renew after the app password was revoked": ends_with_the_app_password,
    "calls of sessions": reads_sessions,
    "refused sessions": reads_refusals,
    "logins of a flood": is_limited,
    "identities": reads_the_identity,
    "the right to upload a video": grants_an_upload,
}
