"""The first lines of the overview: one for each thing that is wrong, the worst first. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse

from config.admin import links
from config.admin.overview import attention, networks
from config.admin.overview.attention import AttentionItem
from config.admin.overview.processes import ProcessList
from config.admin.overview.read import Overview
from config.queue.routing import WEBHOOKS
from config.status import wording
from config.status.posts import RATE_LIMITED, RECONNECT, SETTLE, is_late
from config.status.processes import no_worker
from destinations.statistics.network_now import NetworkNow
from platforms.registry import ADAPTERS

#: Of how many accounts a line says the names.
NAMED = 2


@dataclass(frozen=True, slots=True)
class VerdictLine:
    """`level` is act or look."""

    text: str
    url: str
    level: str = "act"
    #: Its first word or words, which an operator's eye looks for.
    topic: str = ""
    #: Of the incident that it is about (`config.incidents`), and since when that is open.
    cause: str = ""
    since: datetime | None = None


def lines(overview: Overview) -> list[VerdictLine]:
    """Empty if all is well."""
    found = [
        *_processes(overview),
        *_down(overview),
        *_late(overview),
        *_failed(overview),
        *_may_be_live(overview),
        *_not_deleted(overview),
        *_reconnect(overview),
        *_unapproved(overview),
        *_paused(overview),
        *_held(overview),
        *_events_wait(overview),
        *_webhooks_fail(overview),
        *_webhooks_off(overview),
    ]
    found = [replace(line, since=overview.since.get(line.cause)) for line in found]
    return sorted(found, key=lambda line: line.level != "act")


def _processes(overview: Overview) -> Iterator[VerdictLine]:
    if overview.redis:
        yield VerdictLine(overview.redis.said, "#processes", topic="Redis", cause="redis:")
    if not (found := overview.processes):
        return
    if not found.beat.is_ok:
        said = f"{_no_tick(found)} Posts that become due wait."
        yield VerdictLine(said, "#processes", topic="Beat", cause="beat:")
    for kind, queues in found.unserved.items():
        said = no_worker(kind, found.workers.kinds[kind], _some(queues))
        yield VerdictLine(said, "#processes", topic="Workers", cause=f"workers:{kind}")


def _no_tick(found: ProcessList) -> str:
    [finding] = found.beat.findings
    if found.beat.value.at is None:
        return finding.said
    why = "No worker takes its ticks." if found.workers.is_beat_alive else "Beat is not alive."
    return f"{finding.said} {found.tick_warning or why}"


def _some(queues: Sequence[str]) -> str:
    if len(queues) <= NAMED + 1:
        return wording.listed(queues)
    return f"{', '.join(queues[:NAMED])} and {len(queues) - NAMED} more"


def _down(overview: Overview) -> Iterator[VerdictLine]:
    found = overview.outages
    for outage, finding in zip(found.value, found.findings, strict=True):
        text = f"{finding.said} {finding.remedy}"
        yield VerdictLine(text, networks.failures(outage.platform), "look", topic="Down")
    known = {outage.target for outage in found.value}
    for each in overview.networks:
        if each.looks_down and each.failing_share is not None and each.platform not in known:
            share, tries = (
                wording.percent(each.failing_share),
                wording.counted(each.outcomes, "try", "tries"),
            )
            error = f", mostly {each.top_error[0]}" if each.top_error else ""
            text = f"{_name(each)} looks down: {share} of {tries} failed in 5 min{error}."
            yield VerdictLine(text, networks.failures(each.platform), topic="Down")


def _late(overview: Overview) -> Iterator[VerdictLine]:
    """One line for all networks that are late for the same reason."""
    by_cause: dict[str, list[NetworkNow]] = defaultdict(list)
    for each in overview.networks:
        if is_late(each.oldest_seconds):
            by_cause[_why_late(overview, each)].append(each)
    for cause, found in by_cause.items():
        count = sum(each.due_now for each in found)
        oldest = wording.age(max(each.oldest_seconds for each in found))
        posts = wording.counted(count, "post is", "posts are")
        names = wording.listed(_name(each) for each in found)
        one = {"platform": found[0].platform} if len(found) == 1 else {}
        url = links.changelist("destinations_destination", attention="late", **one)
        said = f"{posts} late on {names}, oldest {oldest}. {cause}"
        yield VerdictLine(said, url, topic="Late", cause=f"lateness:{found[0].platform}")


def _why_late(overview: Overview, network: NetworkNow) -> str:
    """The cause, as far as processes and queues tell it."""
    waiting = {
        queue: found
        for queue, found in sorted(overview.backlog.queues.items())
        if queue.split(".")[1] == network.platform
    }
    if processes := overview.processes:
        if not processes.beat.is_ok:
            return "Nothing is claimed without ticks."
        missing = {queue for each in processes.unserved.values() for queue in each}
        if stuck := [queue for queue in waiting if queue in missing and waiting[queue].count]:
            return f"No worker serves {wording.listed(stuck)}."
    claimed = sum(each.claimed for each in waiting.values())
    if network.looks_down:
        return "Workers wait for a network that looks down."
    if claimed:
        return "Workers have claimed posts there and not begun: they are busy or frozen."
    return "No worker has claimed them yet."


def _failed(overview: Overview) -> Iterator[VerdictLine]:
    groups = [group for group in overview.failures if group.retry_url]
    if not groups:
        return
    worst = ", ".join(f"{group.count} {group.code} on {group.network}" for group in groups[:NAMED])
    more = f" and {len(groups) - NAMED} more kinds" if len(groups) > NAMED else ""
    level = "act" if any(group.is_operators for group in groups) else "look"
    text = f"In the last hour: {worst}{more}."
    yield VerdictLine(text, reverse("admin:overview_failures"), level, topic="Failed")


def _may_be_live(overview: Overview) -> Iterator[VerdictLine]:
    if count := sum(each.may_be_live for each in overview.networks):
        posts = wording.counted(count, "post")
        text = f"{posts}: {_named(overview.may_be_live, count)}. {SETTLE}"
        url = links.changelist("destinations_destination", attention="may_be_public")
        yield VerdictLine(text, url, topic="May be live", cause="may be live:")


def _not_deleted(overview: Overview) -> Iterator[VerdictLine]:
    if items := overview.not_deleted:
        text = f"{_named(items, len(items))}: still public, in the last day. See why, then decide."
        url = links.changelist("destinations_deletion", status__exact="failed")
        yield VerdictLine(text, url, topic="Not deleted")


def _reconnect(overview: Overview) -> Iterator[VerdictLine]:
    if overview.reconnect:
        count = max(
            len(overview.reconnect), sum(each.accounts_to_reconnect for each in overview.networks)
        )
        accounts = wording.counted(count, "account")
        text = f"{accounts}: {_named(overview.reconnect, count)}. {RECONNECT}"
        url = links.changelist("destinations_account", health="reconnect")
        yield VerdictLine(text, url, "look", topic="Reconnect", cause="accounts to reconnect:")


def _unapproved(overview: Overview) -> Iterator[VerdictLine]:
    if items := overview.unapproved:
        text = f"{_named(items, len(items))}: for over two days. Ask the people who approve."
        yield VerdictLine(text, "#unapproved", "look", topic="Not approved")


def _paused(overview: Overview) -> Iterator[VerdictLine]:
    for item, finding in zip(overview.paused, overview.pauses.findings, strict=True):
        yield VerdictLine(finding.said, item.url, "look", topic="Paused")


def _held(overview: Overview) -> Iterator[VerdictLine]:
    held = [each for each in overview.networks if each.accounts_held]
    if held:
        counts = wording.listed(
            f"{wording.counted(each.accounts_held, 'account')} of {_name(each)}" for each in held
        )
        url = links.changelist("destinations_account", health="held")
        yield VerdictLine(f"{counts}: {RATE_LIMITED}.", url, "look", topic="Held")


def _events_wait(overview: Overview) -> Iterator[VerdictLine]:
    found = overview.webhooks
    if not (found and found.is_late):
        return
    unserved = overview.processes.unserved.values() if overview.processes else ()
    if any(WEBHOOKS in queues for queues in unserved):
        cause = f"No worker serves {WEBHOOKS}: start one."
    else:
        cause = "Workers are busy or frozen, or receivers are slow: look at both."
    url = links.changelist("posts_webhookdelivery", status__exact="waiting")
    yield VerdictLine(f"Events wait, oldest {found.oldest}. {cause}", url, topic="Webhooks")


def _webhooks_fail(overview: Overview) -> Iterator[VerdictLine]:
    if overview.webhooks and (count := overview.webhooks.failing):
        fail = wording.counted(count, "webhook fails", "webhooks fail")
        text = f"{fail}: each event is sent again for a day. Their owners see why in their logs."
        url = links.changelist("posts_webhook", state="failing")
        yield VerdictLine(text, url, "look", topic="Receivers")


def _webhooks_off(overview: Overview) -> Iterator[VerdictLine]:
    if overview.webhooks and (items := overview.webhooks.newly_off):
        more = len(items) > attention.NAMED
        count = (
            f"More than {attention.NAMED} webhooks"
            if more
            else wording.counted(len(items), "webhook")
        )
        text = (
            f"{count} in the last day: {_named(items, len(items))}. Tell their owners; then "
            "switch each on, and deliver what it missed."
        )
        url = links.changelist("posts_webhook", state="disabled")
        yield VerdictLine(text, url, "look", topic="Switched off")


def _named(items: Sequence[AttentionItem], count: int) -> str:
    names = [item.name for item in items[:NAMED]]
    more = count - len(names)
    return f"{', '.join(names)} and {wording.number(more)} more" if more else wording.listed(names)


def _name(network: NetworkNow) -> str:
    return ADAPTERS[network.platform].name
