"""`manage.py demo`: publish every kind of post to a running `up`, as a customer would."""

import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand
from rich.console import Console

from deploy.local import environment
from deploy.local.demo import features
from deploy.local.demo.client import Api, DemoReceiver
from deploy.local.demo.networks import FILES, KINDS, TEXT_ALONE
from deploy.local.demo.table import DemoRow, DemoView, DemoWall, watch
from deploy.local.demo.web import Unreachable
from deploy.local.supervisor import GaveUp
from deploy.simulator.demo import DemoPost
from platforms.registry import ADAPTERS

SETTLE_SECONDS = 180
SCHEDULE_AHEAD = timedelta(seconds=5)
#: The files of the post to all networks: each gets the kind it takes.
SHARED = ("noon.jpg", "upright.mp4")
#: How many of them the public sees, where it is more than one.
SHARED_COUNTS = {key: len(SHARED) for key, adapter in ADAPTERS.items() if adapter.limits.mixes}


class Command(BaseCommand):
    help = "Publish every kind of post to the accounts of a running `make up`, and watch."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        console = Console()
        if not console.is_terminal:
            console = Console(width=180)
        try:
            values = environment.read_demo_env(environment.home_folder())
            api = Api(values["API_URL"], values["API_KEY"], values["SIMULATOR_URL"])
            chosen = [int(number) for number in values["ACCOUNT_IDS"].split(",")]
            with DemoReceiver() as receiver:
                view = _watched(api, chosen, receiver, console)
        except Unreachable as wrong:
            sys.exit(f"{wrong} Is `make up` running?")
        except GaveUp as wrong:
            sys.exit(str(wrong))
        except KeyboardInterrupt:
            sys.exit(130)
        console.print("What the public of the networks sees:")
        console.print(f"{values['SIMULATOR_URL']}/")
        sys.exit(_verdict(view))


def _watched(api: Api, chosen: list[int], receiver: DemoReceiver, console: Console) -> DemoView:
    """Publish, use each feature, and show what becomes of both."""
    accounts: dict[str, list[int]] = defaultdict(list)
    for account in sorted(api.accounts(), key=lambda found: int(found["id"])):
        accounts[account["platform"]].append(int(account["id"]))
    read = _published(api, DemoWall(api.simulator_url), chosen, accounts, console)
    with features.used(api, accounts, receiver, datetime.now(UTC)) as looks:
        return watch(lambda: DemoView(read(), [look() for look in looks]), SETTLE_SECONDS, console)


def _verdict(view: DemoView) -> str | int:
    rows = view.rows
    unsettled = sum(not row.is_settled for row in rows)
    if unsettled:
        return f"{unsettled} of {len(rows)} have not settled within {SETTLE_SECONDS} s."
    failed = sum(row.status != "published" for row in rows)
    if failed:
        return f"{failed} of {len(rows)} were not published."
    missing = [each.what for each in view.features if not each.is_done]
    if missing:
        return f"Not seen to work within {SETTLE_SECONDS} s: {', '.join(missing)}."
    unseen = sum(not row.is_on_the_wall for row in rows)
    return f"{unseen} of {len(rows)} are not on the wall with their media." if unseen else 0


def _published(
    api: Api,
    wall: DemoWall,
    chosen: list[int],
    accounts: Mapping[str, list[int]],
    console: Console,
) -> Callable[[], list[DemoRow]]:
    """Publish, and return what reads the destinations as rows."""
    console.print("Making and uploading images, videos and a document…")
    files = {
        name: api.upload(name, content_type, draw("Dovecote"))
        for name, (content_type, draw) in FILES.items()
    }
    now = datetime.now(UTC)
    later = (now + SCHEDULE_AHEAD).replace(microsecond=0) + timedelta(seconds=1)
    # With the time in it, it may be sent again: networks refuse what they have just published.
    text = f"One request, all networks. Sent at {now:%T} UTC 🕊"
    takers = [accounts[platform][0] for platform in TEXT_ALONE]
    posts: list[tuple[str, datetime, dict[str, int], str]] = [
        ("now", now, SHARED_COUNTS, api.publish(text, chosen, [files[name] for name in SHARED])),
        (
            "scheduled",
            later,
            dict.fromkeys(TEXT_ALONE, 0),
            api.publish(f"{text} (scheduled)", takers, scheduled_at=later.isoformat()),
        ),
    ]
    for kind in KINDS:
        post_id = _publish(api, kind, accounts[kind.platform], files, now)
        posts.append((kind.what, datetime.now(UTC), {kind.platform: kind.visible_files}, post_id))

    def read() -> list[DemoRow]:
        return [
            DemoRow(what, wanted_at, result, wall, counts.get(result["platform"], 1))
            for what, wanted_at, counts, post_id in posts
            for result in api.results(post_id)
        ]

    return read


def _publish(
    api: Api, kind: DemoPost, accounts: list[int], files: dict[str, str], now: datetime
) -> str:
    media_ids = [files[name] for name in kind.files]
    has_alt_text = kind.shows_picture_first and "alt_text" in ADAPTERS[kind.platform].features
    return api.publish(
        f"{kind.what[0].upper()}{kind.what[1:]}, {now:%T}",
        [accounts[kind.account]],
        media_ids,
        platform_content=kind.platform_content(f"{now:%T}"),
        alt_texts={media_ids[0]: "An evening sky over hills"} if has_alt_text else None,
    )
