"""A whole network in one module: what a new one costs, and what it gets by its line."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from platforms.adapter import Adapter, Call
from platforms.drafts import Credentials, Draft
from platforms.errors import PlatformError, Unauthorized, Unsupported
from platforms.http.client import Answer, Client
from platforms.http.redaction import Secret
from platforms.http.refusals import explain_by_status
from platforms.http.versions import ApiVersion
from platforms.limits import Limits
from platforms.oauth import App, OAuth, Profile, Tokens
from platforms.outcomes import Absent, Finding, Outcome, Published
from platforms.policy.options import Option, Strings
from platforms.preview.shapes import Preview, PreviewPart
from platforms.preview.texts import Text

HOST = "api.pigeon.example"
VERSION = ApiVersion("pigeon", "2026", re.compile(r"20\d\d"), "a year")
TOKENS = Secret(("coo_",), re.compile(r"\bcoo_[a-z0-9]{16,}"))


def explain(answer: Answer) -> PlatformError:
    if answer.status == 403:
        return Unauthorized("Pigeon does not permit it.", code="permission_missing")
    return explain_by_status("Pigeon", answer)


class PigeonLogin(OAuth):
    name = "Pigeon"
    consent_page = f"https://{HOST}/consent"
    token_endpoint = f"https://{HOST}/token"
    scopes = ("fly",)
    explain = staticmethod(explain)

    async def profiles(self, app: App, tokens: Tokens, http: Client) -> Sequence[Profile]:
        answer = await http.get(f"https://{HOST}/me", headers=tokens.bearer)
        name = answer.take("name")
        return [Profile(answer.take("id"), f"@{name}", name, tokens)]


class Pigeon(Adapter):
    key = "pigeon"
    name = "Pigeon"
    aliases = ("dove",)
    origin = f"https://{HOST}"
    version = VERSION
    secrets = (TOKENS,)
    limits = Limits(text_chars=100, media_items=0)
    options: tuple[Option, ...] = (Strings("rings", "Rings on its leg.", max_items=2, max_chars=9),)
    logins = {"pigeon": PigeonLogin()}
    link_id = re.compile(r"/coo/([0-9]+)")
    can_recycle = False
    explain = staticmethod(explain)

    def check(self, draft: Draft) -> None:
        super().check(draft)
        if not 1 <= self.text_length(draft.text) <= self.limits.text_chars:
            raise Unsupported("Pigeon takes texts of 1 to 100 characters.")

    def preview(self, draft: Draft) -> Preview:
        return Preview(kind="text", parts=(PreviewPart(Text(draft.text)),))

    async def publish(self, call: Call) -> Outcome:
        answer = await call.http.post(
            _posts(call.http),
            headers=call.account.bearer,
            json={"text": call.draft.text},
            irreversible=True,
        )
        return _published(answer.take("id"))

    async def find(self, call: Call, sent_at: datetime) -> Finding:
        answer = await call.http.get(_posts(call.http), headers=call.account.bearer)
        since = (sent_at - timedelta(seconds=5)).timestamp()
        found = {
            str(post["id"]): ""
            for post in answer.take_list("posts")
            if post["text"] == call.draft.text and post["at"] >= since
        }
        theirs = await call.checkpoint.others(found)
        ours = [post_id for post_id in found if post_id not in theirs]
        return _published(ours[-1]) if ours else Absent(proven=False)

    async def read_account(self, account: Credentials, http: Client) -> None:
        (await http.get(_posts(http), headers=account.bearer)).take_list("posts")


def _posts(http: Client) -> str:
    return f"https://{HOST}/{VERSION.chosen(http.versions)}/posts"


def _published(post_id: str) -> Published:
    return Published(id=post_id, url=f"https://pigeon.example/coo/{post_id}")
