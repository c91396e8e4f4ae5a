"""A workspace of a running stack: its key, its accounts, and what became of its posts."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from tests.platforms.facts import facts_of

if TYPE_CHECKING:
    from tests.acceptance.stack import Stack


@dataclass
class Team:
    stack: "Stack"
    http: httpx.Client
    #: Our number of each account → (network, its id there).
    accounts: dict[int, tuple[str, str]] = field(default_factory=dict)

    def of(self, network: str) -> list[int]:
        """Return our numbers of its accounts at a network."""
        return [pk for pk, (name, _) in self.accounts.items() if name == network]

    def upload(self, filename: str, content_type: str, content: bytes) -> str:
        """Announce, send, complete; the media id."""
        facts = {"filename": filename, "content_type": content_type, "size": len(content)}
        place = self._data(self.http.post("media/upload", json=facts))
        sent = {"content": content, "headers": {"Content-Type": content_type}}
        self.http.put(place["upload_url"], **sent).raise_for_status()
        self._data(self.http.post(f"media/{place['media_id']}/complete", json={}))
        return str(place["media_id"])

    def post(self, content: str, accounts: Sequence[int] = (), **fields: Any) -> str:
        """Post to these accounts, or to all; the post's id."""
        body = {"content": content, "account_ids": list(accounts or self.accounts), **fields}
        return str(self._data(self.http.post("posts", json=body))["post_id"])

    def results(self, post_id: str) -> list[dict[str, Any]]:
        """As the API tells them, each with the account's `network` and `network_id`."""
        found = self._data(self.http.get(f"posts/{post_id}/results"))
        for result in found:
            result["network"], result["network_id"] = self.accounts[result["account_id"]]
        return list(found)

    def published(self, *posts: str) -> list[dict[str, Any]]:
        """Waits until every destination of the posts is published; their results."""

        def all_done() -> list[dict[str, Any]]:
            found = [result for post in posts for result in self.results(post)]
            done = all(result["status"] == "published" for result in found)
            return found if done else []

        found: list[dict[str, Any]] = self.stack.wait("everything is published", all_done)
        return found

    def wall(self) -> list[dict[str, Any]]:
        """What the public sees of this team's accounts."""
        mine = set(self.accounts.values())
        return [p for p in self._pages() if (p["network"], p["account"]) in mine]

    def _pages(self) -> list[dict[str, Any]]:
        params = {"limit": "10000"}
        found: list[dict[str, Any]] = (
            self.stack.simulator.http.get("/wall.json", params=params).json().get("posts")
        )
        return found

    def assert_each_once(self, results: Sequence[Mapping[str, Any]]) -> None:
        """The public sees one post for each result, the very one the API names, and no other."""
        public = Counter((p["network"], p["account"], p["id"]) for p in self.wall())
        told = {(r["network"], r["network_id"], r["platform_post_id"]) for r in results}
        assert set(public) == told
        assert len(told) == len(results)
        assert set(public.values()) == {1}

    def _data(self, response: httpx.Response) -> Any:
        assert response.is_success, response.text
        return response.json()["data"]


def make_team(
    stack: "Stack",
    counts: Mapping[str, int],
    extra: Mapping[str, Any] | None = None,
    workspace_id: str = "",
) -> Team:
    """`extra` replaces what the accounts' credentials have beside their token."""
    wanted = [account_at(network) for network, count in counts.items() for _ in range(count)]
    for account in wanted:
        account["extra"] = account["extra"] if extra is None else dict(extra)
    return make_team_of(stack, wanted, workspace_id)


def make_team_of(stack: "Stack", wanted: Sequence[dict[str, Any]], workspace_id: str = "") -> Team:
    """A workspace with these accounts, as `account_at` describes them."""
    for account in wanted:
        account["token"] = stack.simulator.connect(
            account["network"], account["id"], username=account["username"], extra=account["extra"]
        )
    if workspace_id:
        wanted[0]["workspace_id"] = workspace_id
    made = stack.seed(wanted)
    http = stack.client(f"{stack.url}/api/v1/", made["key"])
    places = [(account["network"], account["id"]) for account in wanted]
    return Team(stack, http, dict(zip(made["accounts"], places, strict=True)))


def new_id(network: str, digits: str = "") -> str:
    """An id of an account as the network has them; of these fifteen digits, or that is new."""
    return facts_of(network).account.id_of(digits or str(uuid.uuid4().int)[:15])


def account_at(network: str, account_id: str = "") -> dict[str, Any]:
    """Return the fields of an account that is not connected yet, with this id or a new one."""
    digits = str(uuid.uuid4().int)[:15]
    account_id = account_id or new_id(network, digits)
    extra = facts_of(network).account.extra_of(account_id)
    return {"network": network, "id": account_id, "username": f"acme{digits}", "extra": extra}
