"""Facebook's consent for Instagram, its tokens, and the Pages that accounts are linked to."""

from typing import Any

from starlette.requests import Request

from deploy.simulator.meta.facebook_login import TASKS, FacebookLogin
from deploy.simulator.records import Account, Token


class InstagramFacebookLogin(FacebookLogin):
    def owner_of(self, account: Account) -> str:
        return str(account.extra.get("person") or f"1{account.id[2:]}")

    def page_of(self, account: Account) -> str:
        return str(account.extra.get("page") or f"61{account.id[3:]}")

    def asks(self, request: Request) -> bool:
        """Return whether the consent page is for Instagram."""
        return "instagram_" in request.query_params.get("scope", "")

    def redeems(self, request: Request) -> bool:
        """Return whether a code or token was issued here."""
        query = request.query_params
        tokens = [query.get(name, "") for name in ("fb_exchange_token", "input_token")]
        has_code = self.store.get(self.key, "code", query.get("code", "")) is not None
        return has_code or any(self.store.token(self.key, token) for token in tokens)

    def page_facts(self, account: Account, token: Token) -> dict[str, Any]:
        user = {"id": account.id, "username": account.username, "name": account.name}
        return {
            "id": self.page_of(account),
            "name": account.name,
            "access_token": self.page_token(account, token),
            "instagram_business_account": user if account.extra.get("linked", True) else None,
            "tasks": account.extra.get("tasks", list(TASKS)),
        }
