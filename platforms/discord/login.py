"""Connect a channel by a bot's token and the channel's id, or by a webhook's URL.

Of a URL only the id and the token are taken: no address of a customer is called. Neither expires;
their owner replaces them in Discord.

Source: https://docs.discord.com/developers/resources/webhook#get-webhook-with-token,
/resources/user#get-current-user, /resources/channel#channel-object-channel-types and
https://docs.discord.com/developers/reference#image-formatting (read 2026-11-30).
"""

import re
from collections.abc import Mapping, Sequence

from platforms.discord import errors
from platforms.discord.place import AGENT, API, FORUMS, ID, Place, as_bot
from platforms.drafts import Credentials
from platforms.errors import OutcomeUnknown, PlatformError, Rejected, Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.login_forms import FormField, FormLogin
from platforms.oauth import App, Profile, Tokens

#: Its hosts are Discord's own, with those of its clients for testers.
WEBHOOK = re.compile(
    r"https://(?:canary\.|ptb\.)?discord(?:app)?\.com/api/(?:v[0-9]{1,2}/)?webhooks/"
    r"([0-9]{1,20})/([\w-]{1,200})/?(?:\?[^\s]{0,200})?",
    re.ASCII,
)
#: An id, a mention, or a link that ends with the channel.
CHANNEL = re.compile(
    r"(?:https://[\w.]{1,40}/channels/[0-9]{1,20}/|<#)?([0-9]{1,20})[>/]?", re.ASCII
)
PICTURE = re.compile(r"\w{1,64}", re.ASCII)
#: Types of channel that hold no messages: a category, a hub's directory.
WITHOUT_MESSAGES = (4, 14)
INCOMING = 1
WAYS = "Enter a bot's token and a channel's id, or else a webhook's URL."
NO_WEBHOOK = "Enter the whole URL that Discord shows at the webhook, on discord.com."
NO_CHANNEL = "Enter the channel's id, or its link, of a channel in a server."
NO_HISTORY = (
    "The bot lacks the permission Read Message History in this channel: by it Dovecote finds out "
    "what became of a post whose answer was lost."
)


class DiscordLogin(FormLogin):
    name = "Discord"
    intro = (
        "Enter a bot's token, from the Developer Portal, with the id of a channel that it may post "
        "to. Or enter the URL of a webhook, from the channel's settings: then a post whose answer "
        "is lost cannot be looked up."
    )
    fields = (
        FormField("bot_token", "Bot token", "a-bots-token", is_secret=True, is_required=False),
        FormField(
            "channel_id",
            "Channel",
            "1234567890123456789",
            "Its id or link; for a bot.",
            is_required=False,
        ),
        FormField(
            "webhook_url",
            "Webhook URL",
            "",
            "Instead of a bot.",
            is_secret=True,
            is_required=False,
        ),
    )

    def problem(self, answers: Mapping[str, str]) -> str:
        given = {name for name, value in answers.items() if value}
        one_way = given in ({"bot_token", "channel_id"}, {"webhook_url"})
        return super().problem(answers) or ("" if one_way else WAYS)

    async def sign_in(self, answers: Mapping[str, str], http: Client) -> Sequence[Profile]:
        if answers.get("bot_token"):
            token = "".join(answers["bot_token"].split()).removeprefix("Bot")
            return [await _of_bot(token, answers.get("channel_id", ""), http)]
        return [await _of_webhook(answers.get("webhook_url", ""), http)]

    async def refresh(self, app: App, account: Credentials, http: Client) -> Tokens:
        raise Unauthorized("Discord's tokens are not renewed; enter the new one.")

    def explain(self, answer: Answer) -> PlatformError:
        error = errors.explain(answer)
        if isinstance(error, Rejected | OutcomeUnknown):
            # What a login is refused with is either in a table, or says nothing about it.
            error.unmapped = isinstance(error, Rejected)
            return error.as_(Unavailable, code="")
        return error


async def _of_bot(token: str, named: str, http: Client) -> Profile:
    http.hide(token)
    found = CHANNEL.fullmatch(named.strip())
    if found is None:
        raise Rejected(NO_CHANNEL, code="handle_refused")
    headers = {**AGENT, **as_bot(token)}
    bot = await http.get(f"{API}/users/@me", headers=headers)
    account_id = f"{_id(bot)}@{found[1]}"
    channel = await http.get(f"{API}/channels/{found[1]}", headers=headers)
    shown = channel.json_object()
    kind, guild = shown.get("type"), str(shown.get("guild_id") or "")
    if kind in WITHOUT_MESSAGES or not ID.fullmatch(guild):
        raise Rejected(NO_CHANNEL, code="handle_refused")
    tokens = Tokens(access=token)
    if not await Place(Credentials(account_id, "", token), http).shows_history():
        raise Rejected(NO_HISTORY, code="permission_missing")
    server = (await http.get(f"{API}/guilds/{guild}", headers=headers)).json_object()
    return Profile(
        platform_account_id=account_id,
        name=f"#{channel.take('name')}",
        username=bot.take("username"),
        display_name=str(server.get("name") or ""),
        avatar_url=_picture("icons", guild, server.get("icon")),
        tokens=tokens,
        extra={"kind": "forum"} if kind in FORUMS else {},
    )


async def _of_webhook(url: str, http: Client) -> Profile:
    found = WEBHOOK.fullmatch(url.strip())
    if found is None:
        raise Rejected(NO_WEBHOOK, code="handle_refused")
    number, token = found.groups()
    http.hide(token)
    answer = await http.get(f"{API}/webhooks/{number}/{token}", headers=AGENT)
    shown = answer.json_object()
    if shown.get("type") != INCOMING or not ID.fullmatch(str(shown.get("guild_id"))):
        raise Rejected(
            "This webhook takes no posts; create one in a channel.", code="handle_refused"
        )
    name = str(shown.get("name") or "Webhook")
    return Profile(
        platform_account_id=_id(answer),
        name=name,
        username=name,
        avatar_url=_picture("avatars", number, shown.get("avatar")),
        tokens=Tokens(access=token),
    )


def _id(answer: Answer) -> str:
    found = answer.take("id")
    if not ID.fullmatch(found):
        answer.unreadable("it names no account")
    return found


def _picture(kind: str, owner: str, found: object) -> str:
    is_one = isinstance(found, str) and PICTURE.fullmatch(found)
    return f"https://cdn.discordapp.com/{kind}/{owner}/{found}.png" if is_one else ""
