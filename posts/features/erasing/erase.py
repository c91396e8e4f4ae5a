"""Erase a workspace or an account: close it, let what is in flight end, delete all of it.

Every step may be repeated, so after a crash it goes on where it was. README.md says what happens to
what, and why.
"""

import time
import uuid
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Model

from destinations import pauses
from destinations.access import LARGEST
from destinations.jobs import forget, isolated
from destinations.models import Account, Connection, Deletion, Destination
from destinations.runtime import clock
from destinations.runtime.worker import shutdown
from posts.composing.extensions import lifecycle
from posts.features.erasing import flights, posts_step, rows, tables, traces
from posts.features.erasing.models import Erasure
from posts.models import DeviceLogin, Media, OAuthGrant, Workspace

log = structlog.get_logger()
Scope = Erasure.Scope
#: What requests and workers may still write once the workspace's row is gone: logs of calls that
#: were under way. The periodic task deletes it for so long, as its `when` says.
AFTERWARDS = timedelta(minutes=10)
REASON = "It is being erased."
#: What a post in flight is published from, and what is still deleted on its network.
NEEDED_IN_FLIGHT = (Account, Media, Deletion)
Step = Callable[[], int]


def begin(target: Workspace | Account, by: str) -> Erasure:
    """Close a workspace or an account for good, and return its erasure, for `work`.

    From the commit on its keys are refused and nothing of it begins. Raises `pauses.StartHangs`.
    """
    new = Erasure.of(target)
    with transaction.atomic():
        erasure, is_new = Erasure.objects.get_or_create(
            scope=new.scope,
            target=new.target,
            ended_at=None,
            defaults={
                "workspace_of": new.workspace_of,
                "asked_at": clock.now(),
                "asked_by": by,
            },
        )
        _close(erasure)
    if is_new:
        log.warning("erasure_begun", scope=erasure.scope, target=erasure.target, by=by)
    _pause(erasure)
    return erasure


def work_all() -> None:
    """Go on with every erasure that is open, for a while; clean up behind those that just ended."""
    opened = list(Erasure.objects.filter(ended_at=None).order_by("pk"))
    share = forget.RUN_SECONDS / max(1, len(opened))
    isolated.each(lambda each: work(each, share), opened, "erase")
    ended = Erasure.objects.filter(ended_at__gt=clock.now() - AFTERWARDS)
    isolated.each(_clean_up, ended.filter(scope=Scope.WORKSPACE), "erase")


def work(erasure: Erasure, seconds: float = forget.RUN_SECONDS) -> None:
    """Delete what can be deleted now, for so long. Sets `ended_at`, or `waits_for`."""
    until = time.monotonic() + seconds
    _close(erasure)
    _pause(erasure)
    erasure.waits_for = ""
    for step in _steps(erasure):
        while step():
            if time.monotonic() > until or shutdown.is_requested():
                return
        if erasure.waits_for:
            break
    else:
        erasure.ended_at = clock.now()
        log.warning("erased", scope=erasure.scope, target=erasure.target, by=erasure.asked_by)
    erasure.save(update_fields=["waits_for", "ended_at"])


@transaction.atomic
def _close(erasure: Erasure) -> None:
    """Shut what lets anyone in. Repeated by each run, for what was opened meanwhile."""
    if erasure.scope == Scope.ACCOUNT:
        Account.objects.filter(pk=int(erasure.target), is_active=True).update(is_active=False)
        rows.delete_whole(Connection.objects.filter(account=int(erasure.target)))
        return
    for model, path in tables.with_column("revoked_at"):
        opened = model._default_manager.filter(**{path: erasure.target}, revoked_at=None)
        opened.update(revoked_at=clock.now())
    doors = DeviceLogin.objects, OAuthGrant.objects.filter(api_key=None), Connection.objects
    for each in doors:
        rows.delete_whole(each.filter(workspace=erasure.target))


def _pause(erasure: Erasure) -> None:
    try:
        pauses.pause(erasure.scope, erasure.target, by=erasure.asked_by, reason=REASON)
    except (pauses.AlreadyPaused, pauses.UnknownTarget):
        return


def _steps(erasure: Erasure) -> Iterator[Step]:
    """Yield what is to do, each until it returns 0. A step may find that it must wait."""
    numbers = flights.accounts(erasure)
    is_all = erasure.scope == Scope.WORKSPACE
    of_posts = posts_step.of_workspace if is_all else posts_step.of_account
    yield lambda: of_posts(erasure)
    if is_all:
        yield lambda: traces.of_callers(erasure.target)
        yield lambda: traces.of_programs(erasure)
        # What makes posts goes before anything is waited for.
        yield from _roots(erasure, NEEDED_IN_FLIGHT)
    yield lambda: _wait(erasure, numbers)
    yield lambda: traces.of_accounts(erasure, numbers)
    yield from _workspace(erasure) if is_all else _account(erasure)
    yield lambda: traces.of_pause(erasure)


def _roots(erasure: Erasure, without: Collection[type[Model]] = ()) -> Iterator[Step]:
    for model, path in tables.roots():
        if model not in without:
            mine = model._default_manager.filter(**{path: erasure.target})
            yield lambda mine=mine: rows.delete(erasure, mine)


def _wait(erasure: Erasure, numbers: list[int]) -> int:
    count = len(flights.posts(erasure))
    if count:
        erasure.waits_for = f"posts whose networks have not answered yet: {count}"
    elif not flights.stop_refreshes(numbers):
        erasure.waits_for = "a refresh of tokens, for a minute at most"
    return 0


def _workspace(erasure: Erasure) -> Iterator[Step]:
    yield from _roots(erasure)
    yield lambda: traces.of_files(erasure.target)
    yield lambda: _end_workspace(erasure)


def _end_workspace(erasure: Erasure) -> int:
    """Delete the workspace's row, unless something was written meanwhile."""
    with rows.locked(erasure):
        # From now on no row that names it can be written.
        locked = Workspace.objects.filter(pk=erasure.target).select_for_update()
        if not locked.exists():
            return 0
        for model, path in tables.lookups().items():
            if (
                not tables.is_loose(model)
                and model._default_manager.filter(**{path: erasure.target}).exists()
            ):
                erasure.waits_for = "rows that were written meanwhile"
                return 0
        rows.delete_whole(locked)
    return 0


def _account(erasure: Erasure) -> Iterator[Step]:
    number, workspace_id = int(erasure.target), erasure.workspace_of
    assert workspace_id is not None  # noqa: S101 - set where the row is made
    for model, path in tables.with_column("account_number"):
        if model is not Destination:
            mine = model._default_manager.filter(**{path: workspace_id}, account_number=number)
            yield lambda mine=mine: rows.delete(erasure, mine)
    for each in lifecycle.account_forgetters():
        yield lambda each=each: each.forget_account(workspace_id, number)
    yield lambda: traces.replace_number(workspace_id, number)
    yield lambda: rows.delete(erasure, Account.objects.filter(pk=number, destinations=None))
    yield lambda: _is_left(erasure, number)


def _is_left(erasure: Erasure, number: int) -> int:
    if Account.objects.filter(pk=number).exists():
        erasure.waits_for = "posts that were written meanwhile"
    return 0


def _clean_up(erasure: Erasure) -> None:
    """Delete what was still written once a workspace was gone."""
    for model, path in tables.roots():
        if tables.is_loose(model):
            while rows.delete(erasure, model._default_manager.filter(**{path: erasure.target})):
                pass
    traces.of_files(erasure.target)


def find_workspace(text: str) -> Workspace | None:
    """Return the workspace with this id, if there is one."""
    try:
        return Workspace.objects.filter(pk=uuid.UUID(text)).first()
    except ValueError:
        return None


def find_account(text: str) -> Account | None:
    """Return the account with this number, if there is one."""
    number = min(int(text), LARGEST) if text.isdecimal() else 0
    return Account.objects.filter(pk=number).first()
