"""New items of customers' feeds become posts while what reads and makes them dies.

This process serves the feeds. Each item has a mark of its own, so the books say whether its post
was public once; what a feed had before its first reading is in no book, and must never be seen.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler

from config.queue import routing
from destinations.runtime import failpoints
from tests import strangers
from tests.chaos.books import Asked
from tests.chaos.ground import TEXT_ALONE, WORKERS, Ground
from tests.chaos.scenario import Scenario
from tests.platforms.driver import image
from tests.posts.features.feeds.documents import rss
from tests.strangers import Stranger

FEEDS = 3
BACKLOG = 2
#: More than the five that one reading takes.
NEW = 7
#: Every so many items one has an image, for which its post waits.
WITH_IMAGE = 3
ROUNDS = 4
WITHIN_SECONDS = 600
DOOMED, SLEEPER = "doomed", "sleeper"

#: All at once, also those that are being read at this moment: their readings are then worthless.
HURRY = "UPDATE posts_feed SET due_at = now() RETURNING 1"
#: Those that are not being read: a lease is shorter.
HURRY_QUIET = """
UPDATE posts_feed SET due_at = now() WHERE due_at > now() + interval '5 minutes' RETURNING 1
"""
#: The leases of dead workers end, for which it would be waited.
LAPSE = "UPDATE posts_fetch SET due_at = now() WHERE due_at > now() RETURNING 1"
BASELINES = "SELECT id::text, baseline_at FROM posts_feed"
ETAGS = "SELECT id::text, etag FROM posts_feed"
STATES = "SELECT state, count(*) FROM posts_feeditem GROUP BY state"
POSTS = "SELECT count(*) FROM posts_post"


@dataclass
class Blog:
    """A feed as its server has it, newest item first."""

    site: Stranger
    path: str
    items: list[dict[str, str]] = field(default_factory=list)
    #: The ETag of each conditional request, and whether it was still right.
    conditions: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def etag(self) -> str:
        return f'"{len(self.items)}"'

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        known = to.headers.get("If-None-Match")
        if known:
            self.conditions.append((known, known == self.etag))
        if known == self.etag:
            strangers.whole(b"", 304)(to)
        else:
            strangers.whole(rss(*self.items), ETag=self.etag)(to)


class Feeds:
    """The feeds of a ground, and what must become of their items."""

    def __init__(self, ground: Ground, site: Stranger) -> None:
        self.ground = ground
        self.picture = site.gives("/picture.jpg", image(320, 320, "JPEG"))
        accounts = list(ground.team.accounts)
        self.blogs: dict[str, Blog] = {}
        #: Feed → the accounts it posts to; each account has one feed.
        self.accounts: dict[str, list[int]] = {}
        self.wanted = 0
        for number in range(FEEDS):
            blog = Blog(site, f"/{number}.xml")
            site.answers[blog.path] = blog.answer
            mine = accounts[number::FEEDS]
            key = self._follow(blog, mine)
            self.blogs[key], self.accounts[key] = blog, mine
        self.baselines = self._read_first()

    def _follow(self, blog: Blog, accounts: list[int]) -> str:
        for _ in range(BACKLOG):
            self._add(blog, self._mark())
        body = {
            "name": blog.path,
            "url": blog.site.url(blog.path),
            "account_ids": accounts,
            "mode": "publish",
        }
        made = self.ground.team.http.post("feeds", json=body).raise_for_status().json()
        return str(made["data"]["id"])

    def _read_first(self) -> dict[str, datetime]:
        def all_read() -> dict[str, datetime]:
            found = dict(self.ground.stack.rows(BASELINES))
            return found if all(found.values()) else {}

        found: dict[str, datetime] = self.ground.until("each feed is read", all_read)
        return found

    def write(self) -> None:
        """Every feed has new items, more than one reading takes."""
        for key, blog in self.blogs.items():
            for _ in range(NEW):
                self.wanted += 1
                mark = self._mark()
                has_image = self.wanted % WITH_IMAGE == 0
                self._add(blog, mark, image=self.picture if has_image else "")
                for account in self.accounts[key]:
                    network, network_id = self.ground.team.accounts[account]
                    asked = Asked(mark, network, account, network_id, datetime.now(UTC))
                    self.ground.asked.append(asked)

    def _mark(self) -> str:
        return f"mark{self.ground.rng.getrandbits(48):012x}"

    def _add(self, blog: Blog, mark: str, **facts: str) -> None:
        link = f"https://blog.example.com/{len(blog.items)}"
        blog.items.insert(0, {"title": f"Item {mark}", "guid": mark, "link": link, **facts})

    def hurry(self) -> None:
        self.ground.stack.rows(HURRY)
        self.ground.stack.rows(LAPSE)

    def posted(self) -> int:
        return int(dict(self.ground.stack.rows(STATES)).get("posted", 0))

    def end(self) -> None:
        """Let every item become a post, and compare what the feeds know with their servers."""

        def all_posted() -> bool:
            self.ground.stack.rows(HURRY_QUIET)
            return self.posted() >= self.wanted

        self.ground.until("each item is posted", all_posted, WITHIN_SECONDS)
        wanted = {"posted": self.wanted, "backlog": FEEDS * BACKLOG}
        states = dict(self.ground.stack.rows(STATES))
        assert states == wanted, f"Items are {states} in place of {wanted}."
        ((posts,),) = self.ground.stack.rows(POSTS)
        assert posts == self.wanted, f"{posts} posts were made of {self.wanted} items."
        assert dict(self.ground.stack.rows(BASELINES)) == self.baselines, "A baseline was moved."
        self._end_etags()

    def _end_etags(self) -> None:
        """Each feed has the ETag of its last document, and asks with it."""
        told = {key: blog.etag for key, blog in self.blogs.items()}

        def all_known() -> bool:
            self.ground.stack.rows(HURRY_QUIET)
            return dict(self.ground.stack.rows(ETAGS)) == told

        self.ground.until("each feed knows its document", all_known)
        for blog in self.blogs.values():
            blog.conditions.clear()
        self.hurry()
        self.ground.until("each is asked again", lambda: all(b.conditions for b in self._all()))
        asked = [each for blog in self._all() for each in blog.conditions]
        assert all(is_right for _, is_right in asked), f"Old ETags were sent: {asked}"

    def _all(self) -> list[Blog]:
        return list(self.blogs.values())


@contextmanager
def feeds(ground: Ground) -> Iterator[Feeds]:
    with strangers.stranger() as site:
        yield Feeds(ground, site)


def dies(ground: Ground) -> None:
    with feeds(ground) as found:
        for name in WORKERS:
            ground.stack.stop(name)
        for point in (failpoints.FEED_READ, failpoints.FEED_NOTED, failpoints.FEED_POSTED):
            found.write()
            found.hurry()
            ground.start_worker(DOOMED, [routing.MEDIA], {"DOVECOTE_FAILPOINT": point})
            ground.until("it dies", lambda: ground.stack.died(DOOMED))
            ground.broken()
        found.hurry()
        ground.start_workers()
        found.end()


def frozen(ground: Ground) -> None:
    with feeds(ground) as found:
        for name in WORKERS:
            ground.stack.stop(name)
        found.write()
        found.hurry()
        stop = {"DOVECOTE_FAILPOINT": f"{failpoints.FEED_READ}:stop"}
        ground.start_worker(SLEEPER, [routing.MEDIA], env=stop)
        ground.until("it is frozen", lambda: ground.stack.is_frozen(SLEEPER))
        found.hurry()
        ground.broken()
        ground.start_workers()
        ground.until("others post", found.posted)
        ground.stack.signal(SLEEPER, signal.SIGCONT)
        found.end()


def killed(ground: Ground) -> None:
    with feeds(ground) as found:
        ground.stack.start("second beat", "beat")
        for _ in range(ROUNDS):
            found.write()
            before = found.posted()
            enough = before + ground.rng.randrange(1, 2 * FEEDS)
            found.hurry()
            # Another worker reads the same feeds while the first one does.
            ground.pause(ground.rng.uniform(0, 1))
            found.hurry()
            ground.until("some are posted", lambda enough=enough: found.posted() >= enough)
            for name in ground.rng.sample(WORKERS, ground.rng.randint(1, len(WORKERS))):
                ground.stack.kill(name)
            ground.stack.broker.flushall()
            ground.broken()
            ground.start_workers()
        found.hurry()
        found.end()


SCENARIOS = [
    Scenario(
        "feeds-dies",
        "A worker may die after it read a feed, after it noted new items, and while it makes "
        "their posts: each item becomes one post.",
        dies,
        networks=TEXT_ALONE,
    ),
    Scenario(
        "feeds-frozen",
        "A worker that is frozen with a feed's document, and wakes up after others did its "
        "work, makes no post again.",
        frozen,
        networks=TEXT_ALONE,
    ),
    Scenario(
        "feeds-killed",
        "Workers may be killed, feeds be read twice at once and Redis be wiped: each new item "
        "becomes one post, and nothing older.",
        killed,
        networks=TEXT_ALONE,
    ),
]
