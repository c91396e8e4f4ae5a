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
#: What each network is sent: those of the first row do not take an image alone, or cannot show one.
VIDEO = ("tiktok", "youtube")
IMAGE = ("x", "instagram", "linkedin", "facebook", "threads")
TEXT = ("x", "linkedin", "facebook", "threads")
HELLO = "Hello from Dovecote: one request, seven networks. 🕊"


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
            rows = watch(_published(api, console), SETTLE_SECONDS, console)
        except Unreachable as wrong:
            sys.exit(f"{wrong} Is `make up` running?")
        except GaveUp as wrong:
            sys.exit(str(wrong))
        except KeyboardInterrupt:
            sys.exit(130)
        console.print(f"What the public sees: {values['SIMULATOR_URL']}/")
        unsettled = sum(not row.is_settled for row in rows)
        if unsettled:
            sys.exit(f"{unsettled} of {len(rows)} have not settled within {SETTLE_SECONDS} s.")
        failed = sum(row.status != "published" for row in rows)
        sys.exit(f"{failed} of {len(rows)} were not published." if failed else 0)


def _published(api: Api, console: Console) -> Any:
    """Publish, and return what reads the destinations as rows."""
    accounts = api.accounts()

    def on(platforms: tuple[str, ...]) -> list[int]:
        return [int(found["id"]) for found in accounts if found["platform"] in platforms]

    console.print("Making and uploading a picture and a film…")
    image = api.upload("evening.jpg", "image/jpeg", demo_media.picture("Dovecote"))
    video = api.upload("evening.mp4", "video/mp4", demo_media.film("Dovecote"))
    now = datetime.now(UTC)
    later = (now + SCHEDULE_AHEAD).replace(microsecond=0) + timedelta(seconds=1)
    posts = (
        ("image", now, api.publish(HELLO, on(IMAGE), [image])),
        ("video", now, api.publish(HELLO, on(VIDEO), [video])),
        ("scheduled", later, api.publish(f"{HELLO} (on time)", on(TEXT), at=later)),
    )

    def read() -> list[Row]:
        return [
            Row(what, wanted_at, result)
            for what, wanted_at, post_id in posts
            for result in api.results(post_id)
        ]

    return read
