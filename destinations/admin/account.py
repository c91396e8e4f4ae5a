from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.decorators import action

from destinations import account_events as events
from destinations import pauses, times
from destinations.accounts import sessions, store
from destinations.accounts.messages import asked_by
from destinations.accounts.oauth_apps import LoginNotConfigured
from destinations.admin import rendering
from destinations.admin.actions import bulk as actions
from destinations.admin.actions import confirmation, retry
from destinations.admin.actions import connect as admin_connect
from destinations.admin.actions.bulk import Each, One
from destinations.admin.base import BoundedAdmin
from destinations.admin.lists import columns, filters, pages
from destinations.admin.lists.columns import Column
from destinations.admin.lists.ordering import Key
from destinations.admin.pauses import formatting
from destinations.admin.search import searches
from destinations.admin.search.searches import (
    Matches,
    Result,
    Search,
    SearchByNames,
    best,
    containing,
    is_name,
)
from destinations.admin.search.term import Term
from destinations.admin.story import card
from destinations.admin.story.next_step import Next
from destinations.models import Account, Destination, Pause
from destinations.pauses import held_counts
from destinations.runtime import clock, database
from destinations.state import outages, waiting
from platforms.registry import ADAPTERS

Scope, S = Pause.Scope, Destination.Status
#: How many posts of a kind, and links, its page shows; how many it counts.
SHOWN, MOST = 5, 1_000
VIEW_POSTS = "destinations.view_destination"
#: The values of `health_of`, and their colours.
HEALTH = {
    "Reconnect": "danger",
    "Token expired": "danger",
    "Inactive": "warning",
    "Limited": "warning",
    "Healthy": "success",
}


class PostGroup(NamedTuple):
    """A few of an account's posts, and the link to all of them."""

    title: str
    every: SafeString
    #: Each with its label and what happens next.
    rows: list[tuple[Destination, SafeString | str, Next]]


def health_of(account: Account) -> str:
    if account.needs_reconnection_since:
        return "Reconnect"
    if not account.is_active:
        return "Inactive"
    now = clock.now()
    if account.token_expires_at and account.token_expires_at <= now:
        return "Token expired"
    return "Limited" if account.held_until and account.held_until > now else "Healthy"


def _facts(account: Account) -> Iterator[tuple[str, str]]:
    """Yield what limits the account's posts, and how much of that is used now."""
    now, limits = clock.now(), ADAPTERS[account.platform].limits
    until = waiting.limited_until(account, now)
    outage = outages.covering(outages.open_outages(), account.platform, account.pk)
    since = now - timedelta(hours=24)
    published = _of(account).filter(published_at__gte=since)[: MOST + 1].count()
    more = "+" if published > MOST else ""
    most = f" of {limits.posts_a_day:,} that the network takes" if limits.posts_a_day else ""
    yield "Published in 24 hours", f"{min(published, MOST):,}{more}{most}"
    hold = f"holds it until {times.clock_time(until, now)}" if until else "not reached"
    yield "The network's rate limit", hold
    circuit = "closed: the network answers"
    if outage:
        probe = times.clock_time(outage.probe_at, now)
        circuit = f"open since {times.clock_time(outage.opened_at, now)}, next probe {probe}"
    yield "Circuit breaker", circuit
    late = account.late_began_at
    last = f"; the last one began {times.clock_time(late, now)}" if late else ""
    yield "Spacing", f"late posts begin up to {times.duration(waiting.SPACING)} apart{last}"
    size = f"{limits.text_chars:,} {limits.text_unit}, {limits.media_items} files"
    yield "In one post", size


def _of(account: Account) -> QuerySet[Destination]:
    return Destination.objects.filter(account=account).order_by()


def _groups(account: Account) -> list[PostGroup]:
    """The posts that wait, failed and were published: few of each, found by indexes."""
    rows = _of(account)
    failed = rows.filter(status=S.FAILED, next_retry_at=None).exclude(error_code="")
    published = rows.filter(published_at__isnull=False)
    with database.planning(**pages.BY_INDEXES):
        keys = {
            "Waiting": held_counts.next_of_account(account.pk, SHOWN),
            "Failed": [*failed.order_by("-updated_at").values_list("pk", flat=True)[:SHOWN]],
            "Published": [
                *published.order_by("-published_at").values_list("pk", flat=True)[:SHOWN]
            ],
        }
    every = [key for found in keys.values() for key in found]
    read = card.rows().defer("draft").in_bulk(every)
    steps = dict(zip(read, card.next_steps(list(read.values())), strict=True))
    statuses = {"Waiting": "queued", "Failed": "failed", "Published": "published"}
    return [
        PostGroup(
            title,
            columns.to_list(
                "destinations_destination",
                f"All {title.lower()}",
                account__id__exact=account.pk,
                status=statuses[title],
            ),
            [(read[key], rendering.status(read[key]), steps[key]) for key in found if key in read],
        )
        for title, found in keys.items()
    ]


def _change(
    fitting: Callable[[], Q], tell: Callable[[Account], None] | None = None, **fields: Any
) -> Callable[[Account, Mapping[str, Any]], bool]:
    """Return what changes an account that fits, and tells webhooks of it."""

    def change(account: Account, who: Mapping[str, Any]) -> bool:
        if not Account.objects.filter(fitting(), pk=account.pk).update(**fields):
            return False
        if tell:
            tell(account)
        return True

    return change


def _reconnect(
    admin: ModelAdmin, request: HttpRequest, account: Account, given: Mapping[str, Any]
) -> HttpResponse | None:
    try:
        return admin_connect.reconnect(admin, request, account)
    except LoginNotConfigured as why:
        return actions.refuse(admin, request, "", str(why))


def _by_id(rows: QuerySet[Account], term: Term, limit: int) -> Matches:
    own = list(rows.filter(pk=term.number)) if term.number is not None else []
    # Every network is named, because the index begins with it.
    theirs = rows.filter(platform__in=list(ADAPTERS), platform_account_id=term.text)
    found = best(theirs.exclude(pk__in=[row.pk for row in own]), limit, lambda row: row.pk)
    return Matches([*own, *found.rows], found.note)


def _by_name(rows: QuerySet[Account], term: Term, limit: int) -> Matches:
    """Find by handle or name; the same handle comes first, then the shortest."""
    wanted = term.handle
    same = wanted.casefold()

    def priority(row: Account) -> tuple[bool, int, str, int]:
        names = {row.username.casefold(), row.name.removeprefix("@").casefold()}
        return same not in names, len(row.name), row.name, row.pk

    return best(
        rows.filter(containing(wanted, "name", "username", "display_name")), limit, priority
    )


class AccountSearches(SearchByNames):
    searches = (
        Search(
            "Accounts by id",
            lambda term: term.is_one_word and not term.link and not term.keys,
            _by_id,
        ),
        Search("Accounts", is_name, _by_name, rank=1),
    )

    def result(self, row: Account) -> Result:
        names = dict.fromkeys((row.username, row.display_name))
        others = [name for name in names if name and name != row.name.removeprefix("@")]
        about = rendering.network(row.platform), row.workspace.name, f"account {row.pk}"
        return searches.result(
            row,
            row.name,
            *about,
            text=searches.listed(*others),
            status=rendering.label(health_of(row), HEALTH),
            at=row.connected_at,
        )


@admin.register(Account)
class AccountAdmin(AccountSearches, BoundedAdmin):
    """Credentials are neither shown nor loaded. Accounts change by reconnecting or by actions."""

    list_display = ("name", "network", "workspace", "health", "held_until")
    list_filter = (filters.HealthFilter, filters.PlatformFilter, filters.related("workspace"))
    list_select_related = ("workspace",)
    search_help_text = "Handle, name, or id"
    key = Key("pk")
    narrow_filters = {"workspace__id__exact": None, "health": ("reconnect", "held")}
    hidden = ("credentials", "refresh_claim")
    # The page is a template of its own.
    fields = ("is_active",)
    change_form_template = "destinations/admin/account.html"
    network = Column("Network", lambda account: ADAPTERS[account.platform].name)
    health = columns.label("Health", health_of, HEALTH)
    actions_list = ("connect",)
    actions = (
        "reconnect",
        "revoke_links",
        "retry_missed",
        "release_hold",
        "mark_active",
        "mark_inactive",
    )
    reconnect = One("Reconnect", _reconnect, noun="account")
    revoke_links = Each(
        "Revoke links to reconnect",
        "with their links revoked",
        lambda account, who: sessions.revoke_links(account),
        log="Links to reconnect revoked",
    )
    release_hold = Each(
        "Release hold",
        "released from their hold",
        _change(lambda: Q(held_until__gt=clock.now()), held_until=None),
    )
    mark_active = Each(
        "Mark as active",
        "active",
        _change(lambda: Q(is_active=False), events.switched_on, is_active=True),
        log="Marked as active",
    )
    mark_inactive = Each(
        "Mark as inactive",
        "inactive",
        _change(lambda: Q(is_active=True), events.switched_off, is_active=False),
        log="Marked as inactive",
    )

    def row_context(self, request: HttpRequest, key: str) -> dict[str, Any]:
        number = int(key) if key.isdecimal() else 0
        account = self.get_queryset(request).filter(pk=number).first()
        if account is None or not self.has_view_permission(request, account):
            return {}
        target = account.platform, account.workspace_id, number
        pause = pauses.covering(pauses.active(), *target)
        return {
            "account": account,
            "crumb": f"{ADAPTERS[account.platform].name}: {account.name}",
            "health_label": self.health(account),
            "facts": dict(_facts(account)),
            "missed_count": store.missed([account]).count(),
            "links": [(link, asked_by(link)) for link in sessions.open_links(account)[:SHOWN]],
            "groups": _groups(account) if request.user.has_perm(VIEW_POSTS) else [],
            **formatting.of_page(request, Scope.ACCOUNT, number, pause),
        }

    @action(description="Connect account", url_path="connect", permissions=["operate"])
    def connect(self, request: HttpRequest) -> HttpResponse:
        return admin_connect.connect(self, request)

    @admin.action(description="Retry what failed while disconnected", permissions=["operate"])
    def retry_missed(self, request: HttpRequest, chosen: QuerySet[Account]) -> HttpResponse | None:
        able = [account for account in chosen if account.can_post]
        unable = chosen.count() - len(able)
        ids = store.missed(able).values_list("pk", flat=True)
        retry.retry(self, request, ids)
        if unable:
            warning = f"{unable} still cannot be posted to: reconnect them first."
            self.message_user(request, warning, messages.WARNING)
        return confirmation.back(self, request)
