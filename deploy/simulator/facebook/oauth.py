"""Facebook Login for Pages: whose they are, and which of them a person's token lists."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulator import engagement
from deploy.simulator.facebook.page import FacebookPages
from deploy.simulator.meta.facebook_login import TASKS, FacebookLogin
from deploy.simulator.meta.graph import GraphError, chosen
from deploy.simulator.records import Account, Token


class FacebookOAuthServer(FacebookLogin):
    network: FacebookPages

    def owner_of(self, account: Account) -> str:
        owner = str(account.extra.get("owner", account.id))
        return "10" + "".join(str(ord(letter) % 10) for letter in owner)[:13]

    def person(self, account: Account) -> dict[str, Any]:
        name = str(account.extra.get("owner", account.id))
        return {"id": self.owner_of(account), "name": name}

    def one_page(self, request: Request, token: Token, page_id: str) -> dict[str, Any]:
        """One Page for its owner, with its token."""
        for page in self.accounts_for(token):
            if page.id == page_id:
                return chosen(request, self.page_facts(page, token), "id,name")
        raise self.network.missing()

    def permissions(self, request: Request) -> Response:
        token = self.user(request)
        entries = [{"permission": scope, "status": "granted"} for scope in token.scopes or ()]
        return JSONResponse({"data": entries})

    def facts(self, account: Account) -> dict[str, Any]:
        picture = {"data": {"url": f"https://graph.facebook.com/{account.id}/picture"}}
        username = account.username or None
        named = {"id": account.id, "name": account.name, "username": username}
        followers = engagement.followers(account.id, self.network.store.now())
        return {**named, "picture": picture, "followers_count": followers}

    def user(self, request: Request) -> Token:
        token = self.network.token(request)
        if token is None or token.kind != "user":
            raise GraphError(100, "Tried accessing nonexisting field (accounts) on a Page")
        self.network.check_proof(request, token)
        return token

    def page_facts(self, account: Account, token: Token) -> dict[str, Any]:
        facts = {**self.facts(account), "tasks": account.extra.get("tasks", list(TASKS))}
        return {**facts, "access_token": self.page_token(account, token)}
