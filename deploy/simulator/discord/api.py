"""Discord: bots, each in a channel of one server, and webhooks.

An account's id is the bot's id, an @ and the channel's id, or a webhook's id alone; its `extra` may
have the channel's `type` (0; 5 announcements, 15 a forum). Calls: get_me, get_channel, get_guild,
create_message, create_thread, crosspost, list_messages, get_message, delete_message,
active_threads, archived_threads; get_webhook, execute_webhook, get_webhook_message,
delete_webhook_message.

Settings of an account or of all: `lacks`, the permissions that a bot has not (VIEW_CHANNEL,
SEND_MESSAGES, ATTACH_FILES, READ_MESSAGE_HISTORY); `nonce_seconds` (300), how long one is known;
`lists_nonces` (false); `listing_lag_seconds` (0); `tags`, names of a forum's tags; `archived`,
whether its threads rest; `webhook_type` (1).
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.discord import rules
from deploy.simulator.discord.channels import TAG_IDS, Channels, channel_of, type_of
from deploy.simulator.discord.demo import DEMO, GUILD
from deploy.simulator.discord.rules import invalid, refused
from deploy.simulator.network import call
from deploy.simulator.state.records import Account

CROSSPOSTED = 1


class DiscordNetwork(Channels):
    demo = DEMO

    def hosts(self) -> Mapping[str, list[Route]]:
        channel = "/api/v10/channels/{channel}"
        hook = "/api/v10/webhooks/{webhook}/{token}"
        message, said = f"{channel}/messages/{{id}}", f"{hook}/messages/{{id}}"
        routes = [
            Route("/api/v10/users/@me", self.get_me),
            Route("/api/v10/guilds/{guild}", self.get_guild),
            Route("/api/v10/guilds/{guild}/threads/active", self.active_threads),
            Route(channel, self.get_channel),
            Route(f"{channel}/messages", self.list_messages),
            Route(f"{channel}/messages", self.create_message, methods=["POST"]),
            Route(f"{channel}/threads", self.create_thread, methods=["POST"]),
            Route(f"{channel}/threads/archived/public", self.archived_threads),
            Route(message, self.get_message),
            Route(message, self.delete_message, methods=["DELETE"]),
            Route(f"{message}/crosspost", self.crosspost, methods=["POST"]),
            Route(hook, self.get_webhook),
            Route(hook, self.execute_webhook, methods=["POST"]),
            Route(said, self.get_webhook_message),
            Route(said, self.delete_webhook_message, methods=["DELETE"]),
        ]
        return {"discord.com": routes}

    # Who and where

    @call("get_me")
    async def get_me(self, request: Request, account: Account) -> Response:
        bot = account.id.partition("@")[0]
        return JSONResponse({"id": bot, "username": account.username, "bot": True})

    @call("get_guild")
    async def get_guild(self, request: Request, account: Account) -> Response:
        self.guild(request)
        return JSONResponse({"id": GUILD, "name": "Pigeons", "icon": "a_0dove"})

    @call("get_channel")
    async def get_channel(self, request: Request, account: Account) -> Response:
        self.here(request, account)
        newest = self.store.posts_of(self.key, account.id, 1)
        told = {
            "id": channel_of(account),
            "type": type_of(account),
            "guild_id": GUILD,
            "name": account.name.lstrip("#").lower(),
            "last_message_id": newest[0].id if newest else None,
        }
        if type_of(account) == rules.FORUM:
            told["available_tags"] = [
                {"id": str(TAG_IDS + n), "name": name} for n, name in enumerate(self.tags(account))
            ]
        return JSONResponse(told)

    @call("get_webhook")
    async def get_webhook(self, request: Request, account: Account) -> Response:
        kind = self.setting(account.id, "webhook_type", 1)
        where = {"channel_id": channel_of(account), "guild_id": GUILD}
        return JSONResponse({"id": account.id, "type": kind, "name": account.name, **where})

    # Messages

    @call("create_message")
    async def create_message(self, request: Request, account: Account) -> Response:
        self.may_send(request, account)
        if type_of(account) == rules.FORUM:
            raise refused(400, 50024)
        said, files = await self.body(request, rules.BY_BOT)
        nonce = said.get("nonce", "") if said.get("enforce_nonce") else ""
        known = self.store.get(self.key, "nonce", f"{account.id}:{nonce}") if nonce else None
        window = float(self.setting(account.id, "nonce_seconds", 300))
        if known and self.store.now() - known["at"] < window:
            first = self.store.post(self.key, known["message"])
            if first:
                return JSONResponse(self.shown(first, account))
        post = self.make(account, said, files)
        if nonce:
            made = {"at": self.store.now(), "message": post.id}
            self.store.put(self.key, "nonce", f"{account.id}:{nonce}", "", made)
        return JSONResponse({**self.shown(post, account), "nonce": said.get("nonce")})

    @call("create_thread")
    async def create_thread(self, request: Request, account: Account) -> Response:
        self.may_send(request, account)
        if type_of(account) != rules.FORUM:
            raise refused(400, 50024)
        said, files = await self.body(request, rules.THREAD)
        if "name" not in said or "message" not in said:
            raise invalid("message" if "name" in said else "name")
        self.check_tags(said, account)
        rules.check_message(said["message"], files)
        post = self.make(account, said["message"], files, title=said["name"])
        shown = self.shown(post, account)
        return JSONResponse({**self.thread(post, account), "message": shown}, 201)

    @call("execute_webhook")
    async def execute_webhook(self, request: Request, account: Account) -> Response:
        query = self.query(request, "execute_webhook")
        said, files = await self.body(request, rules.BY_WEBHOOK)
        is_forum = type_of(account) == rules.FORUM
        if is_forum != ("thread_name" in said) or "thread_id" in query:
            raise refused(400, 220001 if is_forum else 220003)
        self.check_tags(said, account)
        post = self.make(account, said, files, title=said.get("thread_name", ""))
        if query.get("wait") != "true":
            return Response(status_code=204)
        return JSONResponse(self.shown(post, account))

    @call("crosspost")
    async def crosspost(self, request: Request, account: Account) -> Response:
        post = self.known(request, account)
        if type_of(account) != rules.ANNOUNCEMENTS:
            raise refused(400, 50024)
        if post.extra["flags"] & CROSSPOSTED:
            raise refused(400, 40033)
        extra = {**post.extra, "flags": post.extra["flags"] | CROSSPOSTED}
        self.store.change_post(self.key, post.id, post.text, extra)
        return JSONResponse(self.shown(post, account))

    @call("list_messages")
    async def list_messages(self, request: Request, account: Account) -> Response:
        self.here(request, account)
        query = self.query(request, "list_messages")
        if self.lacks(account, "READ_MESSAGE_HISTORY"):
            return JSONResponse([])
        found = [each for each in self.listed(account) if int(each.id) > int(query.get("after", 0))]
        limit = int(query.get("limit", 50))
        # The first ones after an id, the newest of them first.
        page = found[-limit:] if "after" in query else found[:limit]
        return JSONResponse([self.shown(each, account, is_listed=True) for each in page])

    @call("get_message")
    async def get_message(self, request: Request, account: Account) -> Response:
        return JSONResponse(self.shown(self.known(request, account), account))

    @call("delete_message")
    async def delete_message(self, request: Request, account: Account) -> Response:
        self.store.delete_post(self.key, self.known(request, account).id)
        return Response(status_code=204)

    @call("get_webhook_message")
    async def get_webhook_message(self, request: Request, account: Account) -> Response:
        return JSONResponse(self.shown(self.of_webhook(request, account), account))

    @call("delete_webhook_message")
    async def delete_webhook_message(self, request: Request, account: Account) -> Response:
        self.store.delete_post(self.key, self.of_webhook(request, account).id)
        return Response(status_code=204)

    @call("active_threads")
    async def active_threads(self, request: Request, account: Account) -> Response:
        self.guild(request)
        found = [] if self.setting(account.id, "archived", False) else self.listed(account)
        return JSONResponse({"threads": [self.thread(each, account) for each in found]})

    @call("archived_threads")
    async def archived_threads(self, request: Request, account: Account) -> Response:
        self.here(request, account)
        limit = int(self.query(request, "list_archived_threads").get("limit", 50))
        if self.lacks(account, "READ_MESSAGE_HISTORY"):
            raise refused(403, 50013)
        found = self.listed(account) if self.setting(account.id, "archived", False) else []
        told = [self.thread(each, account) for each in found[:limit]]
        return JSONResponse({"threads": told, "has_more": len(found) > limit})
