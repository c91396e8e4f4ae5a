"""What the logins of Meta's networks share: long-lived tokens, proofs and refusals.

A consent gives a token for an hour, which is exchanged for one for 60 days.
Source: Instagram Platform, "Business Login for Instagram"; Threads API, "Long-Lived Tokens"; Graph
API, "Handle Errors" (read 2026-11-24).
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from platforms import clock
from platforms.errors import PlatformError, RateLimited, Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.meta import errors
from platforms.oauth import App, Tokens

#: Codes of a used, an expired and a foreign authorization code.
SPENT_CODES: errors.Meanings = {
    (100, subcode): errors.RECONNECT for subcode in (36007, 36008, 36009)
}
#: An unknown app; a wrong secret shares its code with other problems, and only its words differ.
UNKNOWN_APP, WRONG_SECRET = 101, "validating client secret"
#: Words for a fault of the app, at the hosts with their own form of refusal.
APP_WORDS = ("client", "app id", "platform app", "redirect_uri")


def explain(name: str, answer: Answer) -> PlatformError:
    """What a refusal of a token or identity endpoint means.

    Only a dead authorization is Unauthorized; the app's own fault is Unavailable (`app_refused`).
    """
    body = answer.error_body()
    if words := str(body.get("error_message", "")):
        return _explain_own(name, str(body.get("code", "")), words)
    said = body.get("error")
    error = errors.explain(name, answer, SPENT_CODES)
    if isinstance(said, dict) and (
        said.get("code") == UNKNOWN_APP or WRONG_SECRET in str(said.get("message", ""))
    ):
        return _app_refused(name, error.platform_code, str(said.get("message", "")))
    if isinstance(error, Unauthorized | RateLimited):
        return error
    return error.as_(Unavailable, f"{name} did not give the authorization: {error.message}")


def _explain_own(name: str, code: str, words: str) -> PlatformError:
    """The hosts that redeem codes refuse with `{error_type, code, error_message}`."""
    if any(word in words.lower() for word in APP_WORDS):
        return _app_refused(name, code, words)
    return Unauthorized(f"{name} no longer accepts this authorization.", platform_code=code)


def _app_refused(name: str, code: str, words: str) -> Unavailable:
    message = f"{name} does not accept this installation's app: {words[: errors.DETAIL_CHARS]}"
    return Unavailable(message, code="app_refused", platform_code=code)


def proof(app: App, token: str) -> str:
    """Proves that a call comes from the app; an app may require it for all calls."""
    return hmac.new(app.client_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def unwrapped(answer: Answer) -> Mapping[str, Any]:
    """The facts of an answer that is documented as `{"data": [facts]}` and also comes flat."""
    body = answer.json()
    data = body.get("data") if isinstance(body, dict) else None
    found = data[0] if isinstance(data, list) and data else body
    if not isinstance(found, dict):
        answer.unreadable("its answer could not be read")
    return found


def permissions(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The granted permissions, which come as a list or a text with commas."""
    granted = facts.get("permissions") or ()
    words = granted.split(",") if isinstance(granted, str) else granted
    return tuple(str(word).strip() for word in words)


async def long_lived(
    url: str, query: Mapping[str, str], token: str, scopes: Sequence[str], http: Client
) -> Tokens:
    """The tokens of an exchange or a renewal, whose answers are alike."""
    http.hide(token, query.get("client_secret", ""))
    answer = await http.get(url, params={**query, "access_token": token})
    access = answer.take("access_token")
    http.hide(access)
    lifetime = timedelta(seconds=float(answer.take("expires_in")))
    return Tokens(
        access=access,
        expires_at=clock.now() + lifetime,
        scopes=permissions(answer.json()) or tuple(scopes),
    )
