"""A year of 200 workspaces: posts with three destinations each, their attempts and events.

The last two days lie ahead: their posts are scheduled. 1,000 destinations are due now. Of the past
ones, one in fifty failed and one in two thousand may be public. A tenth of all posts are one
workspace's, and a tenth of all posts go to one account of it. `beside.py` and `crowded.py` add the
rest.
"""

from django.db import connection

from destinations.models import Account, Attempt, Destination, Event
from platforms.errors import CODES
from posts.keys import keys
from posts.models import ApiKey, Media, Post, PostMedia, PostText, Workspace
from tests.bench.bulk import copy
from tests.bench.scale import beside, crowded
from tests.factories import make_account, make_post

WORKSPACES, ACCOUNTS, PER_POST, MEDIA = 200, 3_000, 3, 100_000
NETWORKS = ("x", "instagram", "linkedin", "facebook", "tiktok", "youtube", "threads")
MAY_BE_LIVE = "outcome_unknown"
FAILED = tuple(code for code in CODES if code != MAY_BE_LIVE)
AHEAD = "interval '2 days'"
YEAR_SECONDS = 365 * 24 * 3600
WORDS = "('word' || n.n % 1999) || ' ' || ('term' || n.n % 17011) || ' ' || ('rare' || n.n)"
#: Says how the tables were filled. To be raised when they are filled in another way.
LAYOUT = 2
MARK = "CREATE TABLE IF NOT EXISTS bench_filled (layout integer, destinations integer)"


def prepare(destinations: int) -> None:
    """Fill the tables, unless a run before this one did."""
    with connection.cursor() as cursor:
        cursor.execute(MARK)
        # Other measures empty the tables.
        cursor.execute(
            "SELECT layout, destinations FROM bench_filled WHERE EXISTS"
            f" (SELECT FROM destinations_destination WHERE id = {_uuid('dest', '0')})"
        )
        if cursor.fetchall() == [(LAYOUT, destinations)]:
            return
        tables = "posts_workspace, destinations_heartbeat, destinations_claimcounter"
        cursor.execute(f"TRUNCATE {tables}, bench_filled CASCADE")
    posts = destinations // PER_POST
    _customers()
    _posts(posts)
    _destinations(posts)
    _history(posts)
    beside.add(destinations, NETWORKS)
    crowded.add(destinations / beside.FULL)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("INSERT INTO bench_filled VALUES (%s, %s)", [LAYOUT, destinations])


def _uuid(kind: str, number: str) -> str:
    return f"md5('{kind}' || ({number}))::uuid"


def _at(posts: int, post: str = "n.n") -> str:
    """When a post is published, as SQL: they are numbered from the oldest on."""
    step = YEAR_SECONDS / posts
    return f"(now() + {AHEAD} - ({posts} - ({post})) * interval '{step} seconds')"


def _workspace_of(post: str) -> str:
    """The number of its workspace, as SQL."""
    return f"(CASE WHEN {post} % 10 = 7 THEN 0 ELSE {post} % {WORKSPACES} END)"


def _customers() -> None:
    workspace = Workspace.objects.create(name="Acme")
    account = make_account(workspace)
    key, _ = keys.create(workspace, "nightly", ["read", "write"])
    make_post(workspace, [account])
    media = Media.objects.create(
        workspace=workspace, status="ready", kind="image", filename="a.png", size_bytes=1
    )
    PostMedia.objects.create(post=Post.objects.get(), media=media, position=0)
    named = {"id": _uuid("workspace", "n.n"), "name": "'Customer ' || n.n"}
    copy(Workspace, WORKSPACES, "", named)
    of = _uuid("workspace", f"n.n % {WORKSPACES}")
    networks = "(ARRAY[" + ", ".join(f"'{name}'" for name in NETWORKS) + "])"
    accounts = {
        "workspace_id": of,
        "platform": f"{networks}[1 + (n.n / {WORKSPACES}) % {len(NETWORKS)}]",
        "platform_account_id": "n.n::text",
        "name": "'@handle' || n.n",
        "username": "'handle' || n.n",
        "needs_reconnection_since": "CASE WHEN n.n % 100 = 99 THEN now() - interval '1 day' END",
        "held_until": "CASE WHEN n.n % 300 = 98 THEN now() + interval '1 day' END",
    }
    copy(Account, ACCOUNTS, "", accounts)
    unique = {"id": "gen_random_uuid()", "workspace_id": of, "digest": "md5('key' || n.n)"}
    copy(ApiKey, WORKSPACES, "", {**unique, "prefix": "'pe_live_' || n.n"})
    files = {
        "id": _uuid("media", "n.n"),
        "workspace_id": of,
        "status": "CASE WHEN n.n % 500 = 3 THEN 'failed' ELSE 'ready' END",
        "kind": "CASE WHEN n.n % 10 = 7 THEN 'video' ELSE 'image' END",
        "filename": "'picture-' || n.n || '.png'",
        "storage_key": "'key-' || n.n",
        "created_at": "now() - n.n * interval '300 seconds'",
    }
    copy(Media, MEDIA, "", files)
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS bench_accounts; CREATE TABLE bench_accounts AS SELECT id, name,"
            " platform, workspace_id, row_number() OVER (ORDER BY id) - 1 AS n"
            " FROM destinations_account WHERE id > %s; CREATE INDEX ON bench_accounts (n)",
            [account.pk],
        )
    assert key.pk


def _posts(posts: int) -> None:
    at = _at(posts)
    past = f"{at} < now()"
    values = {
        "id": _uuid("post", "n.n"),
        "workspace_id": _uuid("workspace", _workspace_of("n.n")),
        "content": f"'Our new range is here: ' || {WORDS}",
        "status": f"CASE WHEN NOT {past} THEN 'scheduled' WHEN n.n % 50 = 0 THEN 'failed'"
        " ELSE 'published' END",
        "scheduled_for": at,
        "published_at": f"CASE WHEN {past} AND n.n % 50 > 0 THEN {at} END",
        "created_at": f"{at} - interval '3 days'",
        "updated_at": f"CASE WHEN {past} THEN {at} ELSE {at} - interval '3 days' END",
    }
    copy(Post, posts, "", values)
    text = f"upper('Our new range is here: ' || {WORDS})"
    copy(PostText, posts, "", {"post_id": _uuid("post", "n.n"), "text": text})
    attached = {
        "post_id": _uuid("post", "n.n"),
        # One file is used again and again.
        "media_id": _uuid("media", f"CASE WHEN n.n % 50 = 0 THEN 0 ELSE n.n % {MEDIA} END"),
    }
    copy(PostMedia, posts // 4, "", attached)


#: The post of a destination, and which of the post's it is.
POST = f"(n.n / {PER_POST})"
#: The workspaces' accounts are every 200th one, and the large workspace's first one is busy.
ACCOUNT = (
    f"JOIN bench_accounts a ON a.n = CASE WHEN {POST} % 10 = 7 AND n.n % {PER_POST} = 0 THEN 0"
    f" ELSE {_workspace_of(POST)} + {WORKSPACES} *"
    f" (1 + ({POST} / {WORKSPACES} + 5 * (n.n % {PER_POST})) % {ACCOUNTS // WORKSPACES - 1}) END"
)


def _destinations(posts: int) -> None:
    at = _at(posts, POST)
    past, fails = f"{at} < now()", f"{POST} % 50 = 0"
    codes = "(ARRAY[" + ", ".join(f"'{code}'" for code in FAILED) + "])"
    values = {
        "id": _uuid("dest", "n.n"),
        "post_id": _uuid("post", POST),
        "position": f"n.n % {PER_POST}",
        "account_id": "a.id",
        "account_number": "a.id",
        "account_name": "a.name",
        "platform": "a.platform",
        "queue": "'publish.' || a.platform",
        "workspace_id": "a.workspace_id",
        "due_at": f"CASE WHEN NOT {past} THEN {at} END",
        "wanted_at": at,
        "begun_at": f"CASE WHEN {past} THEN {at} END",
        "attempts": f"({past})::int",
        "status": f"CASE WHEN NOT {past} THEN 'queued' WHEN {fails} THEN 'failed'"
        " ELSE 'published' END",
        "error": f"CASE WHEN {past} AND {fails} THEN 'The network refused it.' ELSE '' END",
        "error_code": f"CASE WHEN NOT {past} OR NOT {fails} THEN '' WHEN n.n % 40 = 0"
        f" THEN '{MAY_BE_LIVE}' ELSE {codes}[1 + n.n / 150 % {len(FAILED)}] END",
        "published_at": f"CASE WHEN {past} AND NOT {fails} THEN {at} END",
        "platform_post_id": f"CASE WHEN {past} AND NOT {fails} THEN '1' || n.n ELSE '' END",
        "platform_post_url": f"CASE WHEN {past} AND NOT {fails}"
        " THEN 'https://www.' || a.platform || '.com/p/code' || n.n || '/' ELSE '' END",
        "request_id": f"'req_' || md5('r' || {POST})",
        "created_at": f"{at} - interval '3 days'",
        "updated_at": f"CASE WHEN {past} THEN {at} ELSE {at} - interval '3 days' END",
    }
    copy(Destination, posts * PER_POST, ACCOUNT, values)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE destinations_destination SET due_at = now(), wanted_at = now()"
            " WHERE id IN (SELECT id FROM destinations_destination WHERE due_at > now()"
            " ORDER BY due_at LIMIT 1000)"
        )


def _history(posts: int) -> None:
    """An attempt per past destination, and three or four events."""
    ahead = int(posts * 2 * 24 * 3600 / YEAR_SECONDS) + 400
    past = (posts - ahead) * PER_POST
    target = Destination.objects.filter(attempts=1).first()
    assert target
    first = {"destination": target, "started_at": target.wanted_at}
    Attempt.objects.create(number=1, wanted_at=target.wanted_at, **first)
    Event.objects.create(destination=target, at=target.wanted_at, move="start", by="worker:bench")
    at = _at(posts, POST)
    fails = f"{POST} % 50 = 0"
    attempt = {
        "destination_id": _uuid("dest", "n.n"),
        "number": "2",
        "wanted_at": at,
        "started_at": f"{at} + interval '0.2 seconds'",
        "sent_at": f"{at} + interval '0.3 seconds'",
        "answered_at": f"{at} + interval '0.9 seconds'",
        "finished_at": f"{at} + interval '0.9 seconds'",
        "outcome": f"CASE WHEN {fails} THEN 'media_rejected' ELSE 'published' END",
    }
    copy(Attempt, past, "", attempt)
    # In the order of their times, as they were written.
    moves = "(ARRAY['start', 'wait', 'succeed'])[1 + n.n % 3]"
    number = "(n.n / 3)"
    event = {
        "destination_id": _uuid("dest", number),
        "at": _at(posts, f"({number} / {PER_POST})"),
        "move": f"CASE WHEN {number} / {PER_POST} % 50 = 0 AND n.n % 3 = 2 THEN 'fail'"
        f" ELSE {moves} END",
        "to_status": "(ARRAY['publishing', 'publishing', 'published'])[1 + n.n % 3]",
        "request_id": f"CASE n.n % 3 WHEN 0 THEN 'req_' || md5('r' || {number} / {PER_POST})"
        " ELSE '' END",
    }
    copy(Event, past * 10 // 9 * 3, "", event)
