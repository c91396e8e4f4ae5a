"""A post is found in the longest list of the longest texts: no page of it is too large to read.

The simulator writes JSON in ASCII here, as most networks do: an emoji takes twelve bytes.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.responses import JSONResponse

from deploy.simulator.state.records import Post
from deploy.simulator.state.store import Store
from platforms.drafts import Draft
from platforms.outcomes import Published
from tests.conftest import Simulator, serving
from tests.platforms.driver import HELLO, Drive
from tests.platforms.facts import connect, facts_of
from tests.platforms.samples import PICTURE

#: More posts than any page has.
COUNT = 120
PIGEON = "\N{FACE WITH TEARS OF JOY}"
LINKS = [f"https://example.com/{number:0>4000}" for number in range(11)]
CARD = {"title": PIGEON * 256, "description": PIGEON * 4096, "footer": {"text": PIGEON * 1648}}
PICTURES = {"title": PIGEON * 100, "description": PIGEON * 500, "link": LINKS[0][:2048]}


@dataclass(frozen=True)
class Longest:
    """What is longest in a network's list: texts, and fields that the simulator keeps of a post."""

    text: str
    more: Mapping[str, Any] = field(default_factory=dict)
    draft: Draft = HELLO
    #: From one id to the next.
    step: int = 1
    #: Whether the list begins with the oldest post.
    is_rising: bool = False


#: Ids of X hold milliseconds: ten posts of one.
CASES = {
    "instagram": Longest(PIGEON * 2200, draft=PICTURE),
    "threads": Longest(PIGEON * 500),
    "x": Longest(
        " ".join(LINKS),
        {"shown": " ".join(f"https://t.co/{number:0>10}" for number in range(11))},
        step=(1 << 22) // 10,
    ),
    "mastodon": Longest(PIGEON * 5000),
    "pinterest": Longest(
        PIGEON * 800,
        {
            "title": PIGEON * 100,
            "alt": [PIGEON * 500],
            "link": LINKS[0][:2048],
            "items": [PICTURES] * 5,
        },
        PICTURE,
    ),
    "discord": Longest(
        PIGEON * 2000,
        {"said": {"embeds": [CARD]}, "files": [f"{number:0>200}.png" for number in range(10)]},
        is_rising=True,
    ),
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Simulator, Store]]:
    home = tmp_path_factory.mktemp("lists")
    with serving(home) as simulator:
        store = Store(home)
        yield simulator, store
        store.close()


@pytest.fixture(autouse=True)
def ascii_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JSONResponse, "render", lambda _, content: json.dumps(content).encode())


def lost(simulator: Simulator, key: str, draft: Draft) -> Drive:
    """An account whose post is public and whose answer was lost."""
    drive = connect(simulator, key, "77")
    drive.fault(call=facts_of(key).usual.call, drop="after", times=1)
    drive.fails(draft)
    return drive


def crowd(store: Store, ours: Post, longest: Longest) -> None:
    """Posts of the same account between ours and where its list begins."""

    def add(post_id: str, text: str, extra: Mapping[str, Any], *, later: float = 0) -> None:
        store.publish(
            ours.network,
            post_id,
            ours.account,
            text=text,
            url=ours.url,
            extra=extra,
            created_at=ours.created_at + later,
        )

    first = -COUNT if longest.is_rising else 1
    for number in range(first, first + COUNT):
        post_id = str(int(ours.id) + number * longest.step)
        add(post_id, longest.text, {**ours.extra, **longest.more}, later=number / 10_000)
    if longest.is_rising:
        # The simulator lists posts in the order in which they were stored.
        store.delete_post(ours.network, ours.id)
        add(ours.id, ours.text, ours.extra)


@pytest.mark.parametrize("key", CASES)
def test_a_post_is_found_behind_the_longest_posts(running: tuple[Simulator, Store], key: str):
    simulator, store = running
    longest = CASES[key]
    drive = lost(simulator, key, longest.draft)
    [ours] = store.posts_of(key, drive.account.platform_account_id)
    crowd(store, ours, longest)
    drive.requests.clear()
    found = drive.find(longest.draft)
    assert isinstance(found, Published)
    assert found.id == ours.id
    # It went through the list, and did not find it at once.
    lists = [each for each in drive.requests if each == drive.requests[-1]]
    assert len(lists) > 1


def longest_comments(store: Store, ours: Post, name: str, chars: int) -> None:
    """Comments of others around our comment: the network lists ours last."""
    [comment] = store.get(ours.network, "comments", ours.id)["all"]  # type: ignore[index]
    others = [{**comment, "id": f"9{n}", name: PIGEON * chars} for n in range(COUNT)]
    listed = [*others, comment] if ours.network == "facebook" else [comment, *others]
    store.put(ours.network, "comments", ours.id, ours.account, {"all": listed})


@pytest.mark.parametrize(
    ("key", "draft", "name", "chars"),
    [("facebook", HELLO, "message", 8000), ("instagram", PICTURE, "text", 2200)],
)
def test_a_comment_is_found_behind_the_longest_comments(
    running: tuple[Simulator, Store], key: str, draft: Draft, name: str, chars: int
):
    simulator, store = running
    drive = connect(simulator, key, "78")
    commented = Draft(draft.text, draft.media, {"firstComment": "Coo!"})
    # The worker dies once the comment was written, and another one looks for it.
    published = died_after_comment(drive, commented)
    [ours] = store.posts_of(key, drive.account.platform_account_id)
    longest_comments(store, ours, name, chars)
    found = drive.find(commented)
    assert isinstance(found, Published)
    assert (found.id, found.notes, published) == (ours.id, (), True)


def died_after_comment(drive: Drive, draft: Draft) -> bool:
    """Publish, and forget all that the worker learned since it announced the comment."""
    outcome = drive.finish(draft)
    announced = next(
        save.values for save in drive.saves if {"commented", "comment_sent"} & save.values.keys()
    )
    drive.checkpoint = dict(announced)
    return isinstance(outcome, Published)
