"""Draws the pictures of deploy/README.md: `python -m tests.acceptance.screenshots`.

They show the bad nine o'clock (`nine_o_clock.py`) on the product as it really runs, with a week of
scheduled posts around it.
"""

import io
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bench import environment  # noqa: F401 - it starts the servers

# isort: split
import httpx
from PIL import Image
from playwright.sync_api import Browser, Page

from deploy.local.demo import media
from deploy.local.embedded import free_port
from tests.acceptance import nine_o_clock
from tests.acceptance.browser import launched
from tests.acceptance.nine_o_clock import Morning
from tests.acceptance.stack import ROOT, Stack
from tests.acceptance.test_nine_o_clock import MAKE_OPERATOR, log_in

FOLDER = ROOT / "deploy" / "screenshots"
WIDTHS, THEMES = (1280, 390), ("light", "dark")
#: A tall page is cut there.
MOST_PIXELS = 2200
#: The overview's charts and statistics have come in by then.
SETTLED_MS = 12_000
WEEK = (
    (-1, 9, "Our autumn range is here"),
    (1, 8, "Good morning from the roastery"),
    (1, 12, "Lunch break: what is in your cup?"),
    (2, 9, "Behind the scenes: how we pack"),
    (4, 17, "The weekend offer starts now"),
    (5, 10, "Saturday reading: three farms"),
)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home, nine_o_clock.running(Path(home)) as stack:
        flower = _start_flower(stack)
        made = stack.command("manage.py", "shell", "-c", MAKE_OPERATOR)
        assert made.returncode == 0, made.stderr
        morning = nine_o_clock.play(stack)
        _schedule_a_week(morning)
        account = morning.team.of("facebook")[0]
        pages = {
            "overview": f"{stack.url}/admin/",
            "failures": f"{stack.url}/admin/overview/failures/",
            "incident": f"{stack.url}/admin/config/incident/{_incident(morning)}/change/",
            "account": f"{stack.url}/admin/destinations/account/{account}/change/",
            "post": f"{stack.url}/admin/posts/post/{_post(morning)}/change/",
            "calendar": f"{stack.url}/admin/posts/post/calendar/",
            "flower": f"{flower}/tasks",
        }
        with launched() as browser:
            for theme in THEMES:
                _draw(browser, morning, pages, theme)


def _start_flower(stack: Stack) -> str:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    stack.stop("web")
    stack.start("web", env={"FLOWER_URL": url})
    stack.start("flower", options=["--address=127.0.0.1", f"--port={port}"])
    stack.wait("web", lambda: _answers(f"{stack.url}/healthz"))
    stack.wait("Flower", lambda: _answers(f"{url}/workers"))
    return url


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _schedule_a_week(morning: Morning) -> None:
    picture = morning.team.upload("range.jpg", "image/jpeg", media.picture(""))
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    places = [morning.team.of(name)[-1] for name in ("x", "linkedin", "facebook", "threads")]
    for day, hour, text in WEEK:
        at = today + timedelta(days=day, hours=hour)
        if at > datetime.now(UTC):
            morning.team.post(text, places, scheduled_at=at.isoformat(), media_ids=[picture])
    morning.team.post("A draft for the new shop", places[:2], draft=True)
    # Published, limited and refused at once: what a post's page is for.
    mixed = [morning.team.of("x")[0], *places]
    morning.team.post("Three new coffees, and the story of each", mixed, media_ids=[picture])


def _post(morning: Morning) -> str:
    """The post that went differently on every network."""
    wanted = "SELECT id FROM posts_post WHERE content LIKE 'Three new coffees%%'"
    [(pk,)] = morning.stack.rows(wanted)
    return str(pk)


def _incident(morning: Morning) -> int:
    """Facebook's outage, which is an incident once it has lasted for some seconds."""
    wanted = "SELECT id FROM config_incident WHERE cause = 'outages:network:facebook'"
    [(pk,)] = morning.stack.wait("the incident", lambda: morning.stack.rows(wanted))
    return int(pk)


def _draw(browser: Browser, morning: Morning, pages: dict[str, str], theme: str) -> None:
    scheme = "dark" if theme == "dark" else "light"
    with browser.new_context(color_scheme=scheme) as context:
        page = context.new_page()
        log_in(morning, page)
        for name, url in pages.items():
            page.goto(url)
            page.wait_for_timeout(SETTLED_MS if name == "overview" else 2_000)
            for width, picture in _pictures(page):
                picture.save(FOLDER / f"{name}-{theme}-{width}.png", optimize=True)


def _pictures(page: Page) -> Iterator[tuple[int, Image.Image]]:
    """(width, picture), in few colours: a quarter of the size, and nothing lost to the eye."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(800)
        drawn = Image.open(io.BytesIO(page.screenshot(full_page=True)))
        cut = drawn.crop((0, 0, drawn.width, min(drawn.height, MOST_PIXELS))).convert("RGB")
        yield width, cut.quantize(128, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main()
