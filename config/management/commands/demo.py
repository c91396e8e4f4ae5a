"""`manage.py demo`: publish to all seven networks of a running `up`, as a customer would."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand
from rich.console import Console

from config.local import demo_media, environment
from config.local.demo_client import Api, read_env
from config.local.demo_table import Row, watch
from config.local.supervisor import GaveUp
from config.local.web import Unreachable

SETTLE_SECONDS = 120
SCHEDULE_AHEAD = timedelta(seconds=5)
#: The others want a picture or a film.
TEXT_ALONE = ("x", "linkedin", "facebook", "threads")


class Command(BaseCommand):
    help = "Publish to all seven accounts of a running `make up`, and watch."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        console = Console()
        if not console.is_terminal:
            console = Console(width=180)
        try:
            values = read_env(environment.home_folder() / "demo.env")
            api = Api(values["API_URL"], values["API_KEY"])
            chosen = values["ACCOUNT_IDS"].split(",")
            rows = watch(_published(api, chosen, console), SETTLE_SECONDS, console)
        except Unreachable as wrong:
            sys.exit(f"{wrong} Is `make up` running?")
        except GaveUp as wrong:
            sys.exit(str(wrong))
        except KeyboardInterrupt:
            sys.exit(130)
        console.print("What the public of the seven networks sees:")
        console.print(f"{values['SIMULATOR_URL']}/")
        unsettled = sum(not row.is_settled for row in rows)
        if unsettled:
            sys.exit(f"{unsettled} of {len(rows)} have not settled within {SETTLE_SECONDS} s.")
        failed = sum(row.status != "published" for row in rows)
        sys.exit(f"{failed} of {len(rows)} were not published." if failed else 0)


def _published(api: Api, chosen: list[str], console: Console) -> Any:
    """Publish, and return what reads the destinations as rows."""
    found = [account for account in api.accounts() if str(account["id"]) in chosen]
    accounts = {str(account["platform"]): int(account["id"]) for account in found}
    console.print("Making and uploading a picture and a film…")
    files = [
        api.upload("evening.jpg", "image/jpeg", demo_media.picture("Dovecote")),
        api.upload("evening.mp4", "video/mp4", demo_media.film("Dovecote")),
    ]
    now = datetime.now(UTC)
    later = (now + SCHEDULE_AHEAD).replace(microsecond=0) + timedelta(seconds=1)
    # With the time in it, it may be sent again: networks refuse what they have just published.
    text = f"One request, seven networks. Sent at {now:%T} UTC 🕊"
    takers = [accounts[platform] for platform in TEXT_ALONE]
    posts = (
        ("now", now, api.publish(text, list(accounts.values()), files)),
        ("scheduled", later, api.publish(f"{text} (scheduled)", takers, at=later)),
    )

    def read() -> list[Row]:
        return [
            Row(what, wanted_at, result)
            for what, wanted_at, post_id in posts
            for result in api.results(post_id)
        ]

    return read
