"""Facebook Login for Pages: whose they are, and which of them a person's token lists."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from platforms.simulator.facebook.page import FacebookPages
from platforms.simulator.meta.facebook_login import TASKS, FacebookLogin
from platforms.simulator.meta.graph import GraphError
from platforms.simulator.records import Account, Token


class FacebookOAuthServer(FacebookLogin):
    network: FacebookPages

    def owner_of(self, account: Account) -> str:
        owner = str(account.extra.get("owner", account.id))
        return "10" + "".join(str(ord(letter) % 10) for letter in owner)[:13]

    def person(self, account: Account) -> dict[str, Any]:
        name = str(account.extra.get("owner", account.id))
        return {"id": self.owner_of(account), "name": name}

    def list_pages(self, request: Request) -> Response:
        """`limit` Pages at a time, with `paging.next`, a URL that contains the token."""
        token = self._user(request)
        found = [page for page in self.accounts_for(token) if self._lists(token, page)]
        query = request.query_params
        limit, first = int(query.get("limit", 25)), int(query.get("after", 0) or 0)
        shown = [self._page_facts(page, token) for page in found[first : first + limit]]
        usual = "id,name,access_token,tasks"
        body: dict[str, Any] = {
            "data": [self.network.chosen(request, facts, usual) for facts in shown]
        }
        if shown:
            body["paging"] = {"cursors": {"before": str(first), "after": str(first + len(shown))}}
        if first + limit < len(found):
            url = request.url.include_query_params(after=first + limit, access_token=token.value)
            body["paging"]["next"] = str(url)
        return JSONResponse(body)

    def page_facts(self, request: Request, token: Token, page_id: str) -> dict[str, Any]:
        """One Page for its owner, with its token."""
        for page in self.accounts_for(token):
            if page.id == page_id:
                return self.network.chosen(request, self._page_facts(page, token), "id,name")
        raise self.network.missing()

    def permissions(self, request: Request) -> Response:
        token = self._user(request)
        entries = [{"permission": scope, "status": "granted"} for scope in token.scopes or ()]
        return JSONResponse({"data": entries})

    def facts(self, account: Account) -> dict[str, Any]:
        picture = {"data": {"url": f"https://graph.facebook.com/{account.id}/picture"}}
        username = account.username or None
        return {"id": account.id, "name": account.name, "username": username, "picture": picture}

    def _user(self, request: Request) -> Token:
        token = self.network.token(request)
        if token is None or token.kind != "user":
            raise GraphError(100, "Tried accessing nonexisting field (accounts) on a Page")
        self.network.check_proof(request, token)
        return token

    def _lists(self, token: Token, page: Account) -> bool:
        return not page.extra.get("portfolio") or token.allows("business_management")

    def _page_facts(self, page: Account, user: Token) -> dict[str, Any]:
        facts = {**self.facts(page), "tasks": page.extra.get("tasks", list(TASKS))}
        return {**facts, "access_token": self.page_token(page, user)}
