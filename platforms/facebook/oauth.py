"""Connect Pages: a person logs in, and each of their Pages has its own token."""

from collections.abc import Mapping, Sequence
from typing import Any

from platforms.errors import PlatformError, Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.http.refusals import Meaning
from platforms.meta import errors, page_login
from platforms.meta.oauth import proof
from platforms.oauth import App, Profile, Tokens

FIELDS = "id,name,username,access_token,picture{url}"
#: The Page task that publishing needs.
TASK = "CREATE_CONTENT"

APP = Meaning(Unavailable, "Facebook does not accept this installation's app.", code="app_refused")
USED = Meaning(Unauthorized, "Facebook no longer accepts this authorization.")
MEANINGS: errors.Meanings = {
    # A redirect address that is not the registered one, an unknown app, a wrong proof.
    **{(code, None): APP for code in (3, 101, 191)},
    (100, 36008): APP,
    # A code that was used, that is too old, or that is none.
    **{(100, subcode): USED for subcode in (36007, 36009)},
}
#: Faults of the app's registration that share their code with other things.
APP_WORDS = ("client secret", "appsecret_proof", "redirect_uri")
CODE_WORDS = ("verification code", "authorization code")


class FacebookOAuth(page_login.PageLogin):
    """`extra` of a profile keeps `appsecret_proof`: the adapter does not know the app's secret."""

    scopes = ("pages_show_list", "pages_read_engagement", "pages_manage_posts")
    #: For first comments, for seeing them, for videos, and for Pages of a business portfolio.
    optional_scopes = (
        "pages_manage_engagement",
        "pages_read_user_content",
        "publish_video",
        "business_management",
    )
    number_scopes = ("read_insights",)

    async def granted(self, app: App, token: str, http: Client) -> tuple[str, ...]:
        answer = await page_login.read(app, token, "me/permissions", http)
        return tuple(
            str(entry["permission"])
            for entry in page_login.entries(answer)
            if entry.get("status") == "granted" and entry.get("permission")
        )

    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        """Return the Pages that the person may create content for."""
        http.hide(tokens.access, app.client_secret)
        pages = await page_login.listed_pages(app, tokens.access, FIELDS, http)
        if not pages:
            pages = await _portfolio_pages(app, tokens.access, http)
        return [
            _profile(app, page, tokens, http)
            for page in pages
            if page.get("access_token") and TASK in page.get("tasks", (TASK,))
        ]

    def explain(self, answer: Answer) -> PlatformError:
        said, own = answer.error_object(), dict(MEANINGS)
        words = str(said.get("message", "")).lower()
        if answer.status < 500:
            code = errors.number(said.get("code"))
            subcode = errors.number(said.get("error_subcode"))
            for marks, meaning in ((CODE_WORDS, USED), (APP_WORDS, APP)):
                if any(mark in words for mark in marks):
                    # The later one wins: a code whose redirect_uri differs is the app's fault.
                    own |= {(code, None): meaning, (code, subcode): meaning}
        return errors.explain("Facebook", answer, own)


async def _portfolio_pages(app: App, token: str, http: Client) -> list[dict[str, Any]]:
    facts = await page_login.inspect(app, token, http)
    found = []
    wanted = page_login.granted_pages(facts, "pages_show_list", "pages_manage_posts")
    for page_id in dict.fromkeys(wanted):
        answer = await page_login.read(app, token, page_id, http, fields=FIELDS)
        found.append({"id": answer.take("id"), **answer.json()})
    return found


def _profile(app: App, page: Mapping[str, Any], tokens: Tokens, http: Client) -> Profile:
    access = str(page["access_token"])
    http.hide(access)
    picture = (page.get("picture") or {}).get("data") or {}
    return Profile(
        platform_account_id=str(page["id"]),
        name=str(page.get("name") or page["id"]),
        username=str(page.get("username") or page.get("name") or page["id"]),
        tokens=Tokens(access=access, scopes=tokens.scopes),
        avatar_url=str(picture.get("url") or ""),
        kind="page",
        extra={"appsecret_proof": proof(app, access)},
    )
