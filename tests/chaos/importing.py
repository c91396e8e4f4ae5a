"""A file of posts is imported while the worker that does it dies again and again.

Most rows are drafts; some are published at once, so that the public's book shows a second post too.
"""

import csv
import io
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from config.queue import routing
from tests.chaos.books import Asked
from tests.chaos.ground import TEXT_ALONE, WORKERS, Ground
from tests.chaos.scenario import Scenario

ROWS = 600
BAD = frozenset(range(50, ROWS + 1, 100))
#: Every so many rows one is published.
PUBLISHED = 10
#: A worker dies when about so many rows are done.
DEATHS = (40, 160, 280, 400, 520)
COLUMNS = ("content", "account_ids", "draft", "publish_now")
UPLOADER, OTHERS = "uploader", "others"

DONE = "SELECT count(*) FROM posts_importrow WHERE is_done"
#: The lease of the dead worker ends, for which it would be waited.
LAPSE = "UPDATE posts_import SET due_at = now() WHERE due_at IS NOT NULL RETURNING 1"
MADE = "SELECT content FROM posts_post WHERE content LIKE 'Row %%'"


def killed(ground: Ground) -> None:
    for name in WORKERS:
        ground.stack.stop(name)
    ground.start_worker(OTHERS, [name for name in routing.ALL if name != routing.IMPORTS])
    rows = [_row(ground, number) for number in range(1, ROWS + 1)]
    job = _send(ground, rows)
    for done in DEATHS:
        ground.start_worker(UPLOADER, [routing.IMPORTS])
        enough = done + ground.rng.randrange(40)
        ground.until("rows are done", lambda enough=enough: _done(ground) >= enough)
        ground.stack.kill(UPLOADER)
        ground.stack.broker.flushall()
        ground.broken()
        assert ground.stack.rows(LAPSE), "The import ended before its worker died."
    ground.start_worker(UPLOADER, [routing.IMPORTS])
    _end(ground, job, rows)
    again = _send(ground, rows)
    assert again != job, "The file was not read again."
    found = _end(ground, again, rows)
    assert found == ROWS - len(BAD), f"{found} rows were known of the same file."


def _row(ground: Ground, number: int) -> dict[str, str]:
    """A row; the book has what is to be published of it."""
    if number in BAD:
        return {"content": f"Row {number}", "draft": "maybe"}
    if number % PUBLISHED:
        return {"content": f"Row {number}", "draft": "yes"}
    accounts = list(ground.team.accounts.items())
    account, (network, network_id) = accounts[number // PUBLISHED % len(accounts)]
    mark = f"mark{ground.rng.getrandbits(48):012x}"
    ground.asked.append(Asked(mark, network, account, network_id, datetime.now(UTC)))
    return {"content": f"Row {number} {mark}", "account_ids": str(account), "publish_now": "yes"}


def _send(ground: Ground, rows: list[dict[str, str]]) -> str:
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    answer = ground.team.http.post(
        "posts/import", content=written.getvalue(), headers={"Content-Type": "text/csv"}
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["data"]["import_id"])


def _done(ground: Ground) -> int:
    ((count,),) = ground.stack.rows(DONE)
    return int(count)


def _end(ground: Ground, job: str, rows: list[dict[str, str]]) -> int:
    """Wait for the end and compare; how many rows had been imported before."""
    ground.until("it ends", lambda: _page(ground, job)["status"] != "processing", 300)
    refused = _page(ground, job, ok="false")["results"]
    told = [(each["row"], each["errors"][0]["field"]) for each in refused]
    assert told == [(number, "draft") for number in sorted(BAD)], told
    wanted = Counter(row["content"] for number, row in enumerate(rows, 1) if number not in BAD)
    made = Counter(content for (content,) in ground.stack.rows(MADE))
    assert made == wanted, f"Too many: {made - wanted}; lost: {wanted - made}"
    pages = [_page(ground, job, ok="true", offset=str(at)) for at in range(0, ROWS, 100)]
    return sum(each["existing"] for page in pages for each in page["results"])


def _page(ground: Ground, job: str, **query: str) -> Any:
    params = {"limit": "100", **query}
    answer = ground.team.http.get(f"imports/{job}", params=params)
    return answer.raise_for_status().json()["data"]


SCENARIOS = [
    Scenario(
        "import-killed",
        "A file's worker may die again and again while Redis is wiped: each good row becomes one "
        "post, and the same file makes none.",
        killed,
        networks=TEXT_ALONE,
    )
]
