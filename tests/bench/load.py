"""Many rows in seconds: one post made by the tests' factory, copied by SQL.

So what a post consists of is known in one place, and a new column is copied with the others.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import OperationalError, connection
from django.db.models import Model
from django.utils import timezone

from destinations.accounts import encryption
from destinations.models import Account, Destination
from posts.models import Post, Workspace
from tests.factories import make_post, make_workspace

#: Nothing is claimed this long ahead.
MARGIN_SECONDS = 2
#: What is emptied before each run.
TABLES = ("posts_workspace", "destinations_account")


def empty() -> None:
    """Delete every workspace and what belongs to it."""
    for last in (False, False, False, True):
        try:
            _execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
        except OperationalError:  # a deadlock with a worker that reads these tables
            if last:
                raise
        else:
            return


def notice(count: int) -> datetime:
    """A due time that leaves enough time to store so many rows."""
    return timezone.now() + timedelta(seconds=10 + count / 2000)


def wait_until_before(due_at: datetime) -> None:
    """Return shortly before; exits if storing the rows took too long for that."""
    left = (due_at - timezone.now()).total_seconds()
    if left < MARGIN_SECONDS:
        raise SystemExit(f"storing the rows took {MARGIN_SECONDS - left:.1f} s too long")
    time.sleep(left - MARGIN_SECONDS)


def workspace(name: str = "bench") -> Workspace:
    return make_workspace(name)


def accounts(workspace: Workspace, count: int, platform: str = "x") -> list[Account]:
    """Accounts, each with credentials of its own."""
    return Account.objects.bulk_create(
        Account(
            workspace=workspace,
            platform=platform,
            platform_account_id=str(number),
            name=f"@{platform}{number}",
            username=f"{platform}{number}",
            credentials=encryption.seal({"token": token(platform, str(number))}),
        )
        for number in range(1, count + 1)
    )


def token(platform: str, platform_account_id: str) -> str:
    """The token of an account."""
    return f"token-{platform}-{platform_account_id}"


def posts(
    workspace: Workspace, accounts: Sequence[Account], count: int, due_at: datetime, text: str
) -> None:
    """So many scheduled posts, one destination each, over the accounts in turn.

    Their texts are `text` and a number.
    """
    make_post(workspace, [accounts[0]], content=f"{text} 0", scheduled_for=due_at)
    _multiply(workspace, accounts, count, text)


def published(workspace: Workspace, account: Account, count: int) -> None:
    """So many posts that went out a day ago: what a table holds besides what is due."""
    ended = timezone.now() - timedelta(days=1)
    post = make_post(workspace, [account], content="Old 0", scheduled_for=ended, due_at=None)
    ended_with = {"status": "published", "published_at": ended}
    post.destinations.update(**ended_with)
    Post.objects.filter(pk=post.pk).update(**ended_with)
    _multiply(workspace, [account], count, "Old")


def analyze() -> None:
    """Fresh statistics."""
    _execute("VACUUM (ANALYZE) destinations_destination, posts_post, destinations_account")


def spoil_statistics() -> None:
    """Statistics from when nothing is due, kept until `keep_statistics`."""
    _execute("ALTER TABLE destinations_destination SET (autovacuum_enabled = false)")
    analyze()


def keep_statistics() -> None:
    """Let autovacuum keep them again."""
    _execute("ALTER TABLE destinations_destination RESET (autovacuum_enabled)")


def _multiply(workspace: Workspace, accounts: Sequence[Account], count: int, text: str) -> None:
    """Make so many of the workspace's post with this text, with its destination."""
    made = Post.objects.get(workspace=workspace, content=f"{text} 0")
    copied = {"id": _id("post", made), "content": f"'{text} ' || n"}
    _copy(Post, copied, f"id = '{made.pk}'", count)
    placed = {
        "id": _id("destination", made),
        "post_id": _id("post", made),
        "account_id": "(%(accounts)s)[1 + n %% %(size)s]",
        "account_number": "(%(accounts)s)[1 + n %% %(size)s]",
        "draft": f"jsonb_set(draft, '{{text}}', to_jsonb('{text} ' || n))",
    }
    keys = [account.pk for account in accounts]
    _copy(Destination, placed, f"post_id = '{made.pk}'", count, accounts=keys, size=len(keys))


def _id(kind: str, like: Post) -> str:
    """New with each post that is copied: workers may still hold outcomes of rows deleted before."""
    return f"md5('{kind} {like.pk} ' || n)::uuid"


def _copy(
    model: type[Model], changed: Mapping[str, str], which: str, count: int, **values: object
) -> None:
    """Copies of one row, numbered `n`; `changed` has SQL for columns that differ."""
    columns = [f.column for f in model._meta.local_concrete_fields if not f.generated]
    taken = ", ".join(changed.get(column, column) for column in columns)
    table = model._meta.db_table
    # Foreign keys would be checked with plans made for a table of a few rows.
    _execute("DISCARD PLANS")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {taken} "
            f"FROM {table}, generate_series(1, %(last)s) AS n WHERE {which}",
            {"last": count - 1, **values},
        )


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
