"""How many requests a lost answer costs until its end, network by network.

The lookups run when the policy says, against the simulated network. `at once`: the first lookup
finds the post; `late`: only the third one does; `never`: the call did not arrive, and the lookups
end with a proof of absence, or by asking a person.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from platforms.drafts import Credentials, Draft
from platforms.errors import OutcomeUnknown, PlatformError
from platforms.outcomes import Published
from platforms.registry import ADAPTERS
from tests.conftest import Simulator
from tests.destinations.publishing.lives import Row
from tests.platforms.bluesky import account as bluesky
from tests.platforms.discord import account as discord
from tests.platforms.driver import Drive, image, media, video
from tests.platforms.mastodon.account import id_of
from tests.platforms.telegram import account as telegram
from tests.platforms.wordpress import account as wordpress

HELLO = Draft("Hello")
LAG = {"listing_lag_seconds": 10_000}


def picture() -> Draft:
    return Draft("Hello", (media(image(format="JPEG"), content_type="image/jpeg"),))


def clip(**settings: Any) -> Draft:
    facts = {"width": 128, "height": 64, "duration_seconds": 1.0}
    return Draft("Hello", (media(video(width=128), "video", **facts),), settings)


@dataclass(frozen=True)
class Case:
    """What is lost, what hides it, and the requests of `at once`, `late` and `never`."""

    platform: str
    draft: Callable[[], Draft]
    #: The simulator's name of the call whose answer is lost.
    call: str
    #: Settings that keep the network from showing the post; empty: it always shows it.
    hidden: dict[str, Any]
    at_once: int
    late: int
    never: int
    #: The move that ends `never`: `retry_soon` after a proof, `fail` with a person's word.
    end: str = "retry_soon"
    #: A call that goes wrong for ever, and its status.
    broken: tuple[str, int] | None = None
    kind: str = "organization"


CASES = {
    "X": Case("x", lambda: HELLO, "create_post", LAG, 1, 3, 3),
    "Instagram": Case("instagram", picture, "publish", LAG, 2, 6, 6),
    "LinkedIn page": Case("linkedin", lambda: HELLO, "create_post", LAG, 1, 3, 3),
    "LinkedIn member": Case(
        "linkedin", lambda: HELLO, "create_post", {}, 0, 0, 0, end="fail", kind="person"
    ),
    "Facebook": Case("facebook", lambda: HELLO, "change_post", {}, 1, 1, 1),
    "TikTok": Case("tiktok", clip, "put_chunk", {"processing_seconds": 10_000}, 1, 3, 1),
    "TikTok fetched": Case("tiktok", picture, "photo_init", LAG, 1, 3, 3, end="fail"),
    "YouTube": Case("youtube", clip, "put_bytes", {}, 2, 2, 1),
    "YouTube session gone": Case(
        "youtube", clip, "put_bytes", LAG, 4, 8, 10, end="fail", broken=("ask_session", 404)
    ),
    "Threads": Case("threads", lambda: HELLO, "publish", LAG, 2, 6, 6),
    # One read of the key that was chosen before the call, and no waiting for a list.
    "Bluesky": Case("bluesky", lambda: HELLO, "apply_writes", {}, 1, 1, 1),
    # The account has no other post: the list proves that it ends.
    "Mastodon": Case("mastodon", lambda: HELLO, "create_status", LAG, 2, 4, 3),
    # One read of the draft by its id.
    "WordPress": Case("wordpress", lambda: HELLO, "update_post", {}, 1, 1, 1),
    # It cannot be asked.
    "Telegram": Case("telegram", lambda: HELLO, "send", {}, 0, 0, 0, end="fail"),
    # An empty list proves nothing before the bot is known to see old messages.
    "Discord bot": Case("discord", lambda: HELLO, "create_message", LAG, 1, 5, 6),
    "Discord webhook": Case(
        "discord", lambda: HELLO, "execute_webhook", {}, 0, 0, 0, end="fail", kind="webhook"
    ),
}


@dataclass
class Lost:
    """A destination whose answer was lost, at its network and by its policy."""

    case: Case
    simulator: Simulator
    drive: Drive
    draft: Draft
    row: Row

    def hide(self) -> None:
        account = self.drive.account.platform_account_id
        for name, value in self.case.hidden.items():
            self.simulator.set(self.case.platform, name, value, account)

    def show(self) -> None:
        account = self.drive.account.platform_account_id
        for name in self.case.hidden:
            self.simulator.set(self.case.platform, name, 0, account)
        # What was begun while it was hidden keeps the time it was told.
        if "processing_seconds" in self.case.hidden:
            self.simulator.advance(self.case.hidden["processing_seconds"] + 1)

    def look(self, *, is_aging: bool = False) -> Any:
        """One lookup; with `is_aging` the call seems as old as it would be by now."""
        assert self.drive.sent_at is not None
        assert self.row.sent_at is not None
        age = self.row.now - self.row.sent_at if is_aging else timedelta(0)
        try:
            found: Any = self.drive.find(self.draft, self.drive.sent_at - age)
        except PlatformError as error:
            found = error
        self.row.go(found, timedelta(0), 0.0)
        return found


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def lose(case: Case, simulator: Simulator, drop: str) -> Lost:
    """Publish, and lose the answer of the call that publishes."""
    digits, draft = str(uuid.uuid4().int), case.draft()
    number = f"UC{digits[:22]}" if case.platform == "youtube" else digits[:12]
    extra = {"author": f"urn:li:{case.kind}:{number}"} if case.platform == "linkedin" else {}
    if case.platform == "bluesky":
        number, extra = bluesky.did_of(number), bluesky.SERVER
    if case.platform == "mastodon":
        number = id_of(number)
    if case.platform == "wordpress":
        number = wordpress.id_of(number)
    if case.platform == "telegram":
        number = telegram.id_of(number)
    if case.platform == "discord" and case.kind != "webhook":
        number = discord.id_of(number)
    token = simulator.connect(case.platform, number, username="acme", extra=extra)
    account = Credentials(number, "acme", token, extra=extra)
    drive, row = Drive(ADAPTERS[case.platform], account, simulator), Row(case.platform)
    lost = Lost(case, simulator, drive, draft, row)
    lost.hide()
    simulator.fault(case.platform, call=case.call, drop=drop, times=1)
    with pytest.raises(OutcomeUnknown) as unknown:
        drive.finish(draft)
    row.go(unknown.value, timedelta(0), 0.0)
    if case.broken:
        call, status = case.broken
        simulator.fault(case.platform, call=call, status=status)
    drive.requests.clear()
    return lost


def test_a_post_that_is_found_at_once_costs_so_many_requests(case: Case, simulator: Simulator):
    lost = lose(case, simulator, "after")
    lost.show()
    found = lost.look()
    assert isinstance(found, Published) or (case.end == "fail" and not case.at_once)
    assert len(lost.drive.requests) == case.at_once, lost.drive.requests


def test_a_post_that_is_shown_late_costs_so_many_requests(case: Case, simulator: Simulator):
    lost = lose(case, simulator, "after")
    for _ in range(2):
        if lost.row.moves[-1] in ("mark_unconfirmed", "check_again"):
            lost.look()
    lost.show()
    if lost.row.moves[-1] == "check_again":
        lost.look()
    assert lost.row.moves[-1] == ("succeed" if case.at_once else "fail")
    assert len(lost.drive.requests) == case.late, lost.drive.requests


def test_a_post_that_never_arrived_costs_so_many_requests(case: Case, simulator: Simulator):
    lost = lose(case, simulator, "before")
    while lost.row.moves[-1] in ("mark_unconfirmed", "check_again"):
        lost.look(is_aging=True)
    assert lost.row.moves[-1] == case.end
    assert len(lost.drive.requests) == case.never, lost.drive.requests
    assert simulator.posts() == []
