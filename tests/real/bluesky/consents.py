"""Cases of OAuth: from the consent page to a post, and what servers refuse of proofs and tokens."""

import dataclasses
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from platforms.bluesky.oauth.client import SCOPES
from platforms.bluesky.oauth.login import FORM
from platforms.bluesky.pds import Pds
from platforms.bluesky.proof import dpop, keys
from platforms.drafts import Credentials, Draft
from platforms.oauth import App, ConsentRequest, Profile, Tokens, challenge
from tests.real.bluesky.publishing import pictures
from tests.real.bluesky.server import HOST
from tests.real.bluesky.stage import APPLY, LOGIN, NO_APP, Seen, Stage, read, refused

Play = Callable[[Stage], Seen]
#: Of an installation on this computer: no server fetches anything of ours.
BACK = "http://127.0.0.1:8000/connect/bluesky/return"
PAR = f"https://{HOST}/oauth/par"
GRANT, GET = "com.atproto.server.getServiceAuth", "GET"
AN_UPLOAD = {"aud": f"did:web:{HOST}", "lxm": "com.atproto.repo.uploadBlob"}


class Consent:
    """Hold one login by consent."""

    def __init__(self, stage: Stage, named: str = "") -> None:
        self.stage, self.named = stage, named or stage.person.handle
        self.app, self.verifier = LOGIN.own_app(BACK, keys.new), ""

    def address(self) -> str:
        """Ask for the consent page."""
        known, named = self.app, self.named
        # The server takes each challenge once.
        self.verifier = secrets.token_urlsafe(48)
        asked = ConsentRequest(BACK, "state-1", self.verifier)
        self.app, address = self.stage.run(lambda http: LOGIN.leave(known, named, asked, http))
        return str(address)

    def returned(self, answer: str = "allow") -> dict[str, str]:
        """Return what the page answers."""
        where = self.stage.side.consent(self.address(), self.stage.person, answer)
        assert where.startswith(f"{BACK}?"), where
        return dict(parse_qsl(urlsplit(where).query))

    def exchange(self, code: str, verifier: str = "", app: App | None = None) -> Tokens:
        used, known = app or self.app, verifier or self.verifier
        return self.stage.run(lambda http: LOGIN.exchange(used, code, BACK, known, http))

    def profile(self) -> Profile:
        tokens = self.exchange(self.returned()["code"])
        [found] = self.stage.run(lambda http: LOGIN.profiles(self.app, tokens, http))
        return found

    def refresh(self, profile: Profile, **extra: str) -> Tokens:
        account = credentials(profile, **extra)
        return self.stage.run(lambda http: LOGIN.refresh(NO_APP, account, http))


def credentials(profile: Profile, **extra: str) -> Credentials:
    tokens, known = profile.tokens, {**profile.extra, **extra}
    return Credentials(
        profile.platform_account_id, profile.username, tokens.access, tokens.refresh, known
    )


def consents(stage: Stage) -> Seen:
    """Consent, publish, renew, publish again, delete."""
    consent = Consent(stage)
    profile = consent.profile()
    use(stage, profile)
    first = stage.publish(Draft("Coo", pictures(1)))
    [key] = stage.drive.checkpoint["rkeys"]
    renewed = dataclasses.replace(profile, tokens=consent.refresh(profile))
    old = stage.publish(Draft("Coo again"))
    use(stage, renewed)
    return {
        "account": [profile.platform_account_id, profile.name, profile.extra["pds"]],
        "keeps": sorted(profile.extra),
        "tokens": _of(profile.tokens),
        "renewed": _of(renewed.tokens),
        "renewed to others": profile.tokens.refresh != renewed.tokens.refresh,
        "published": first,
        "with the token before": old,
        "with the new one": stage.publish(Draft("Coo again")),
        "deleted": refused(lambda: stage.drive.delete(key)),
        "public": stage.public(),
    }


def begins_at_a_server(stage: Stage) -> Seen:
    """Enter the server's address instead of a handle."""
    return {"name": Consent(stage, f"https://{HOST}/").profile().name}


def denies(stage: Stage) -> Seen:
    return Consent(stage).returned("deny")


def replays_a_refresh_token(stage: Stage) -> Seen:
    """Use a refresh token twice: the whole login ends."""
    consent = Consent(stage)
    profile = consent.profile()
    newest = dataclasses.replace(profile, tokens=consent.refresh(profile))
    again = refused(lambda: consent.refresh(profile))
    use(stage, newest)
    return {
        "again": again,
        "the newest": refused(lambda: consent.refresh(newest)),
        "publish": stage.publish(Draft("Coo")),
    }


def loses_a_renewal(stage: Stage) -> Seen:
    """Renew without learning of it: the tokens cannot be had again."""
    consent = Consent(stage)
    profile = consent.profile()
    stage.gateway.lose("/oauth/token", "after")
    lost = refused(lambda: consent.refresh(profile))
    return {"lost": lost, "again": refused(lambda: consent.refresh(profile))}


def renews_with_another_key(stage: Stage) -> Seen:
    consent = Consent(stage)
    profile = consent.profile()
    other = {dpop.KEY: keys.new()}
    return {
        "nonsense": refused(lambda: consent.refresh(_with(profile, refresh="nonsense"))),
        "another key": refused(lambda: consent.refresh(profile, **other)),
        # A thief may have tried that: the login ends.
        "the right one": refused(lambda: consent.refresh(profile)),
    }


def exchanges(stage: Stage) -> Seen:
    """Redeem codes that are used, another's, or without what belongs to them."""
    consent = Consent(stage)
    used = consent.returned()["code"]
    consent.exchange(used)
    again = refused(lambda: consent.exchange(used))
    unverified = consent.returned()["code"]
    wrong = refused(lambda: consent.exchange(unverified, "w" * 64))
    code = consent.returned()["code"]
    other = {**consent.app.extra, dpop.KEY: keys.new()}
    stolen = dataclasses.replace(consent.app, extra=other)
    return {
        "again": again,
        "another verifier": wrong,
        "another key": refused(lambda: consent.exchange(code, app=stolen)),
        "nonsense": refused(lambda: consent.exchange("nonsense")),
    }


def asks(stage: Stage) -> Seen:
    """Ask for consent in ways that servers do not take."""
    consent = Consent(stage)
    consent.address()
    right = {
        "client_id": consent.app.client_id,
        "response_type": "code",
        "redirect_uri": BACK,
        "scope": " ".join(SCOPES),
        "state": "state-1",
        "code_challenge": challenge(secrets.token_urlsafe(48)),
        "code_challenge_method": "S256",
    }
    key = consent.app.extra[dpop.KEY]
    odd: Mapping[str, Mapping[str, str]] = {
        "right": {},
        "an unknown scope": {"scope": "atproto dove"},
        "without its scope": {"scope": "transition:generic"},
        "another redirect": {"redirect_uri": "http://127.0.0.1:8000/elsewhere"},
        "another client": {"client_id": "nonsense"},
        "a client of another redirect": {
            "client_id": "http://localhost?redirect_uri=http%3A%2F%2F127.0.0.1%2F&scope=atproto"
        },
    }
    seen = {name: _asked(stage, key, {**right, **change}) for name, change in odd.items()}
    without = {name: value for name, value in right.items() if "challenge" not in name}
    return {**seen, "without a challenge": _asked(stage, key, without)}


def proves(stage: Stage) -> Seen:
    """Call with proofs that are missing, wrong, or were used."""
    consent = Consent(stage)
    profile = consent.profile()
    key, token = profile.extra[dpop.KEY], profile.tokens.access
    use(stage, profile)
    stage.publish(Draft("Coo"))
    address = f"https://{HOST}/xrpc/{GRANT}"
    told = stage.send(GET, GRANT, headers={"Authorization": f"DPoP {token}"}, params=AN_UPLOAD)
    nonce = told.headers.get("dpop-nonce", "")
    right = {
        "jti": "1", "htm": GET, "htu": address, "iat": int(time.time()), "nonce": nonce,
        "ath": keys.digest(token),
    }  # fmt: skip
    wrong: Mapping[str, Mapping[str, Any]] = {
        "right": {},
        "used": {},
        "of another method": {"jti": "2", "htm": "POST"},
        "of another address": {"jti": "3", "htu": f"https://{HOST}/xrpc/{APPLY}"},
        "of another token": {"jti": "4", "ath": keys.digest("nonsense")},
        "of no token": {"jti": "5", "ath": None},
        "old": {"jti": "6", "iat": int(time.time()) - 3600},
        "with another nonce": {"jti": "7", "nonce": "nonsense"},
        "without a nonce": {"jti": "8", "nonce": None},
        "without an id": {"jti": None},
    }
    seen = {}
    for name, change in wrong.items():
        claims = {each: value for each, value in {**right, **change}.items() if value is not None}
        seen[name] = _proven(stage, token, _signed(key, claims))
    other = keys.new()
    return {
        "none": read(told),
        **seen,
        "by another key": _proven(stage, token, _signed(other, {**right, "jti": "9"})),
        "as a bearer": stage.get(GRANT, token=token, **AN_UPLOAD),
        "with nonsense": _proven(
            stage, "nonsense", _signed(key, {**right, "jti": "10", "ath": keys.digest("nonsense")})
        ),
    }


def grants_an_upload(stage: Stage) -> Seen:
    """Ask for the right to upload a video, as the video service wants it."""
    use(stage, Consent(stage).profile())
    account, until = stage.drive.account, str(int(time.time()) + 1800)
    answer = stage.run(lambda http: Pds(account, http).read(GRANT, **AN_UPLOAD, exp=until))
    return {"token": bool(answer.take("token"))}


def use(stage: Stage, profile: Profile) -> None:
    stage.drive.account = credentials(profile)


def _of(tokens: Tokens) -> Seen:
    assert tokens.expires_at is not None
    return {
        "scopes": sorted(tokens.scopes),
        "lasts minutes": round((tokens.expires_at.timestamp() - time.time()) / 60),
        "renewable": bool(tokens.refresh),
    }


def _with(profile: Profile, **changes: str) -> Profile:
    return dataclasses.replace(profile, tokens=dataclasses.replace(profile.tokens, **changes))


def _asked(stage: Stage, key: str, form: Mapping[str, str]) -> Seen:
    """Send what a consent page shall ask for. The words of refusals are each server's own."""

    async def send(http: Any) -> Any:
        body = urlencode(form).encode()
        options: Any = {"headers": FORM, "content": lambda: body, "accept": (400, 401)}
        return await dpop.send(http, key, "POST", PAR, **options)

    answer = stage.run(send)
    if answer.status == 201:
        return {"status": 201, "says": sorted(answer.json_object())}
    error = LOGIN.explain(answer)
    understood = f"{type(error).__name__} {error.code}"
    return {"status": answer.status, "error": answer.take("error"), "understood": understood}


def _signed(key: str, claims: Mapping[str, Any]) -> str:
    return keys.signed(key, {"typ": "dpop+jwt", "jwk": keys.public(key)}, claims)


def _proven(stage: Stage, token: str, proof: str) -> Seen:
    headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
    return read(stage.send(GET, GRANT, headers=headers, params=AN_UPLOAD))


CASES: dict[str, Play] = {
    "consent": consents,
    "consent at a server": begins_at_a_server,
    "deny": denies,
    "consent and replay a refresh token": replays_a_refresh_token,
    "consent and lose a renewal": loses_a_renewal,
    "consent and renew with another key": renews_with_another_key,
    "codes": exchanges,
    "requests for consent": asks,
    "proofs": proves,
    "the right to upload a video, by consent": grants_an_upload,
}
