"""Read what programs of the service say of threads, blogs and boards, by the post's accounts.

There a thread is one field for all networks, a blog's text is Markdown with the first image as the
featured one, and all boards of a person are one account.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from destinations import access
from destinations.access import Reach
from destinations.models import Account
from platforms.registry import ADAPTERS
from posts.api.serializers.resources import read
from posts.composing import references
from posts.errors import invalid

THREAD = "thread"
#: The networks with threads.
THREADED = tuple(
    key for key, each in ADAPTERS.items() if any(option.name == THREAD for option in each.options)
)
#: The networks where each board of a person is an account, and the option that names one.
BOARDS = {key: each.account_option for key, each in ADAPTERS.items() if each.account_option}
#: What the service does with a text that says nothing else.
DEFAULTS = {key: each.service_defaults for key, each in ADAPTERS.items() if each.service_defaults}
Values = dict[str, Any]
Options = Mapping[str, Mapping[str, Any]]


class ReadsByAccounts:
    """A view that reads new posts so."""

    new: Any

    def read_new(self, reach: Reach, body: Any) -> Values:
        return of_new(reach, read(self.new, body))


def of_new(reach: Reach, values: Values) -> Values:
    """Return the values as `compose` takes them. Raises RequestRefused."""
    values = dict(values)
    thread, numbers = values.pop("thread_posts", None), values["account_ids"]
    if numbers is None and any(_board(values, platform) for platform in BOARDS):
        numbers = references.able(reach)
    if numbers is None:
        platforms = set(access.accounts(reach).values_list("platform", flat=True))
    else:
        platforms = _platforms(reach, numbers)
    if thread:
        values = _with(values, _threads(platforms, thread))
    return _on_boards(reach, _with(values, _of(platforms, DEFAULTS)), numbers)


def of_changes(reach: Reach, values: Values, numbers: Sequence[int]) -> Values:
    """Likewise for a change. `numbers`: the post's accounts, unless the change names others."""
    if "platform_content" not in values:
        return values
    numbers = values.get("account_ids", numbers)
    return _on_boards(reach, _with(values, _of(_platforms(reach, numbers), DEFAULTS)), numbers)


def boards_of(reach: Reach, account: Account) -> list[Account]:
    """Return the boards within reach of the person whose board the account is."""
    if account.platform not in BOARDS:
        return []
    mine = access.accounts(reach).filter(platform=account.platform, username=account.username)
    return list(mine)


def _platforms(reach: Reach, numbers: Sequence[int]) -> set[str]:
    return {each.platform for each in access.named_by_id(reach, numbers).values()}


def _of(platforms: set[str], options: Options) -> Options:
    return {name: given for name, given in options.items() if name in platforms}


def _threads(platforms: set[str], texts: Sequence[str]) -> Options:
    found = _of(platforms, {key: {THREAD: texts} for key in THREADED})
    if not found:
        names = ", ".join(ADAPTERS[key].name for key in THREADED)
        raise invalid("thread_posts", f"None of the post's accounts takes a thread; {names} do.")
    return found


def _with(values: Values, options: Options) -> Values:
    """Return the values with these options where the request does not say them itself."""
    content = dict(values.get("platform_content") or {})
    for platform, usual in options.items():
        own = content.get(platform, {})
        said = {name: each for name, each in own.get("settings", {}).items() if each is not None}
        content[platform] = {**own, "settings": {**usual, **said}}
    return {**values, "platform_content": content} if options else values


def _board(values: Values, platform: str) -> str | None:
    own = (values.get("platform_content") or {}).get(platform, {})
    board = own.get("settings", {}).get(BOARDS[platform])
    return board if isinstance(board, str) else None


def _on_boards(reach: Reach, values: Values, numbers: Sequence[int] | None) -> Values:
    """Return the values with the named boards' accounts instead of others of their persons."""
    for platform in BOARDS:
        board = _board(values, platform)
        if board is not None and numbers is not None:
            moved = _moved(reach, platform, board, numbers)
            values = values if moved == list(numbers) else {**values, "account_ids": moved}
            numbers = moved
    return values


def _moved(reach: Reach, platform: str, board: str, numbers: Sequence[int]) -> list[int]:
    boards = {each.pk: each for each in access.accounts(reach).filter(platform=platform)}
    people = {boards[number].username for number in numbers if number in boards}
    if not people:
        return list(numbers)
    found = [each for each in boards.values() if each.platform_account_id == board]
    chosen = next((each for each in found if people == {each.username}), None)
    if chosen is None:
        raise invalid(
            f"platform_content.{platform}.settings.{BOARDS[platform]}",
            f"No connected board of the post's {ADAPTERS[platform].name} account has this number: "
            "choose one of the boards that GET /accounts/{id} lists, or connect it.",
        )
    return list(dict.fromkeys(chosen.pk if each in boards else each for each in numbers))
