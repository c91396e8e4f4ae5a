"""Count the posts that wait because of an incident, their accounts and their workspaces."""

from typing import NamedTuple

from config.models import Incident
from config.status.wording import counted
from destinations.dispatch import holds
from destinations.models import Outage
from destinations.runtime import database

#: So many rows are counted.
MOST = 10_000
#: The facts whose findings are about posts that wait.
OF_POSTS = ("tick", "beat", "lateness", "outages")
COUNT = f"""
    SELECT count(*), count(DISTINCT account_number), count(DISTINCT workspace_id) FROM (
        SELECT account_number, workspace_id FROM destinations_destination d
        WHERE due_at IS NOT NULL AND platform <> '' AND wanted_at <= statement_timestamp()
          AND NOT {holds.has_begun("d")}
          AND (%(platform)s::text IS NULL OR platform = %(platform)s)
          AND (%(account)s::bigint IS NULL OR account_number = %(account)s)
        LIMIT %(most)s
    ) AS waiting
"""


class Touched(NamedTuple):
    posts: int
    accounts: int
    workspaces: int


def find(cause: str) -> Touched:
    """Return what waits because of a cause; nothing if it is not about posts."""
    fact, _, about = cause.partition(":")
    if fact not in OF_POSTS:
        return Touched(0, 0, 0)
    values = {"platform": platform_of(cause), "account": None, "most": MOST}
    if about.startswith(f"{Outage.Scope.ACCOUNT}:"):
        values["account"] = int(about.partition(":")[2])
    [counts] = database.execute(COUNT, values)
    return Touched(*counts)


def platform_of(cause: str) -> str | None:
    """Return the network that a cause is about; None: no single one."""
    fact, _, about = cause.partition(":")
    if fact == "lateness":
        return about
    scope, _, target = about.partition(":")
    return target if scope == Outage.Scope.NETWORK else None


def in_words(row: Incident) -> str:
    if not row.posts:
        return "-"
    most = "at least " if row.posts >= MOST else ""
    counts = (
        counted(row.posts, "post", "posts"),
        counted(row.accounts, "account", "accounts"),
        counted(row.workspaces, "workspace", "workspaces"),
    )
    return f"{most}{', '.join(counts)}"
