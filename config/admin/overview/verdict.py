"""The first lines of the overview: one for each thing that is wrong, the worst first. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.urls import reverse

from config.admin import links
from config.admin.overview.attention import SAID, named
from config.admin.overview.processes import ProcessList
from config.admin.overview.read import Overview
from config.incidents import touched
from config.models import Incident
from config.status import wording
from config.status.posts import RATE_LIMITED, RECONNECT, SETTLE, is_late
from config.status.processes import START, how_to_start, no_worker
from config.status.table import explainers
from destinations.models import Pause
from destinations.statistics.network_now import NetworkNow
from platforms.registry import ADAPTERS

#: Facts that have lines of their own here.
MEASURED = {
    "redis", "beat", "workers", "lateness", "outages", "may be live", "accounts to reconnect",
    "accounts held",
    "webhooks",
}  # fmt: skip
#: By what a finding on webhooks is about: the topic of its line, and the list that it leads to.
WEBHOOK_LINES: dict[str, tuple[str, str, dict[str, str]]] = {
    "late": ("Webhooks", "posts_webhookdelivery", {"status__exact": "waiting"}),
    "failing": ("Receivers", "posts_webhook", {"state": "failing"}),
    "off": ("Switched off", "posts_webhook", {"state": "disabled"}),
}


@dataclass(frozen=True, slots=True)
class VerdictLine:
    """`level` is act or look."""

    text: str
    url: str
    level: str = "act"
    #: Its first word or words, which an operator's eye looks for.
    topic: str = ""
    #: Of the incident that it is about (`config.incidents`), which is open if that was seen by now.
    cause: str = ""
    incident: Incident | None = None
    #: Causes of lines that explain it, which then say its effect; None: those of its fact.
    because: tuple[str, ...] | None = None
    effect: str = ""
    #: What a person must do, where the text does not say it: its last sentence.
    remedy: str = ""

    @property
    def touched(self) -> str:
        return touched.in_words(self.incident) if self.incident and self.incident.posts else ""

    @property
    def incident_url(self) -> str:
        return links.page("config_incident", self.incident.pk) if self.incident else ""


def lines(overview: Overview) -> list[VerdictLine]:
    """Empty if all is well. One cause has one line, and so has each open incident."""
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
        *_webhooks(overview),
    ]
    found = [_of_incident(line, _incident(overview, line.cause)) for line in found]
    found = _merged([*found, *_others(overview)])
    return sorted(found, key=lambda line: line.level != "act")


def _of_incident(line: VerdictLine, incident: Incident | None) -> VerdictLine:
    line = replace(line, incident=incident)
    return replace(line, url=line.incident_url) if incident and line.topic == "Down" else line


def _incident(overview: Overview, cause: str) -> Incident | None:
    """Return the incident of a cause, or the first of those that it has, such as one a network."""
    known = overview.incidents
    parts = (each for each in sorted(known) if cause and each.startswith(f"{cause.rstrip(':')}:"))
    return known.get(cause) or next((known[each] for each in parts), None)


def _others(overview: Overview) -> Iterator[VerdictLine]:
    """Yield incidents of facts that the overview does not measure itself."""
    for row in overview.incidents.values():
        if row.fact not in MEASURED:
            level = "act" if row.level == Incident.Level.PROBLEM else "look"
            text, url = f"{row.said} {row.remedy}", links.page("config_incident", row.pk)
            topic = row.fact.capitalize()
            yield VerdictLine(text, url, level, topic, row.cause, row, effect=row.said)


def _merged(found: Sequence[VerdictLine]) -> list[VerdictLine]:
    """Leave out lines that others explain; those say their effects."""
    by_cause = {line.cause: line for line in found if line.cause}
    effects: dict[str, list[str]] = defaultdict(list)
    kept = []
    for line in found:
        root = _root(line, by_cause)
        if root is line:
            kept.append(line)
        elif line.effect:
            effects[root.cause].append(line.effect)
    return [
        replace(line, text=" ".join([line.text, *effects[line.cause], line.remedy]).rstrip())
        for line in kept
    ]


def _root(line: VerdictLine, by_cause: Mapping[str, VerdictLine]) -> VerdictLine:
    because = explainers(line.cause) if line.because is None else line.because
    behind = next((by_cause[cause] for cause in because if cause in by_cause), None)
    return _root(behind, by_cause) if behind else line


def _processes(overview: Overview) -> Iterator[VerdictLine]:
    if overview.redis:
        yield VerdictLine(overview.redis.said, "#processes", topic="Redis", cause="redis:")
    if not (found := overview.processes):
        return
    if not found.beat.is_ok:
        [finding] = found.beat.findings
        wait = "Posts that become due wait."
        said, effect = f"{_no_tick(found)} {wait}", f"{finding.said} {wait}"
        remedy = "" if found.workers.is_beat_alive else START.format("beat")
        line = VerdictLine(said, "#processes", topic="Beat", cause="beat:", remedy=remedy)
        yield replace(line, effect=effect)
    for kind, queues in found.unserved.items():
        said = no_worker(kind, found.workers.kinds[kind], _some(queues))
        remedy, cause = how_to_start(kind), f"workers:{kind}"
        yield VerdictLine(said, "#processes", topic="Workers", cause=cause, remedy=remedy)


def _no_tick(found: ProcessList) -> str:
    [finding] = found.beat.findings
    if found.beat.value.at is None:
        return finding.said
    why = "No worker takes its ticks." if found.workers.is_beat_alive else "Beat is not alive."
    return f"{finding.said} {found.tick_warning or why}"


def _some(queues: Sequence[str]) -> str:
    if len(queues) <= SAID + 1:
        return wording.listed(queues)
    return f"{', '.join(queues[:SAID])} and {len(queues) - SAID} more"


def _down(overview: Overview) -> Iterator[VerdictLine]:
    found = overview.outages
    for outage, finding in zip(found.value, found.findings, strict=True):
        text, cause = f"{finding.said} {finding.remedy}", f"outages:{outage.key}"
        level = "act" if finding.level == "problem" else "look"
        yield VerdictLine(text, _waiting(outage.platform), level, "Down", cause)
    known = {outage.target for outage in found.value}
    for each in overview.networks:
        if each.looks_down and each.failing_share is not None and each.platform not in known:
            share, tries = (
                wording.percent(each.failing_share),
                wording.counted(each.outcomes, "try", "tries"),
            )
            error = f", mostly {each.top_error[0]}" if each.top_error else ""
            text = f"{_name(each)} looks down: {share} of {tries} failed in 5 min{error}."
            cause = _outage_of(each)
            url = _waiting(each.platform, "retry_waiting")
            yield VerdictLine(text, url, topic="Down", cause=cause)


def _waiting(platform: str, attention: str = "on_hold") -> str:
    """Return the list of what waits: while a network is down, nothing fails for good."""
    return links.changelist("destinations_destination", attention=attention, platform=platform)


def _outage_of(network: NetworkNow) -> str:
    return f"outages:network:{network.platform}"


def _late(overview: Overview) -> Iterator[VerdictLine]:
    """One line for all networks that are late for the same reason."""
    by_cause: dict[tuple[str, tuple[str, ...]], list[NetworkNow]] = defaultdict(list)
    for each in overview.networks:
        if is_late(each.oldest_seconds):
            by_cause[_why_late(overview, each)].append(each)
    for (why, because), found in by_cause.items():
        count = sum(each.due_now for each in found)
        oldest = wording.age(max(each.oldest_seconds for each in found))
        posts = wording.counted(count, "post waits", "posts wait")
        names = wording.listed(_name(each) for each in found)
        one = {"platform": found[0].platform} if len(found) == 1 else {}
        url = links.changelist("destinations_destination", attention="late", **one)
        effect, cause = (
            f"{posts} to begin on {names}, oldest {oldest}.",
            f"lateness:{found[0].platform}",
        )
        line = VerdictLine(f"{effect} {why}", url, topic="Late", cause=cause)
        yield replace(line, because=because, effect=effect)


def _why_late(overview: Overview, network: NetworkNow) -> tuple[str, tuple[str, ...]]:
    """Return the reason in words, as far as processes and queues tell it, and the causes."""
    waiting = {
        queue: found
        for queue, found in sorted(overview.backlog.queues.items())
        if queue.split(".")[1] == network.platform
    }
    if overview.redis:
        return "No list of posts reaches a worker without Redis.", ("redis:",)
    if processes := overview.processes:
        if not processes.beat.is_ok:
            return "Nothing is claimed without ticks.", ("beat:",)
        kinds = {queue: kind for kind, each in processes.unserved.items() for queue in each}
        if stuck := [queue for queue in waiting if queue in kinds and waiting[queue].count]:
            why = f"No worker serves {wording.listed(stuck)}."
            return why, tuple(dict.fromkeys(f"workers:{kinds[queue]}" for queue in stuck))
    if network.looks_down:
        return "Workers wait for a network that looks down.", (_outage_of(network),)
    if any(each.claimed for each in waiting.values()):
        return "Workers have claimed posts there and not begun: they are busy or frozen.", ()
    return "No worker has claimed them yet.", ()


def _failed(overview: Overview) -> Iterator[VerdictLine]:
    groups = [group for group in overview.failures if group.retry_url]
    if not groups:
        return
    worst = ", ".join(f"{group.count} {group.code} on {group.network}" for group in groups[:SAID])
    more = f" and {len(groups) - SAID} more kinds" if len(groups) > SAID else ""
    level = "act" if any(group.is_operators for group in groups) else "look"
    text = f"In the last hour: {worst}{more}."
    yield VerdictLine(text, reverse("admin:overview_failures"), level, topic="Failed")


def _may_be_live(overview: Overview) -> Iterator[VerdictLine]:
    if count := sum(each.may_be_live for each in overview.networks):
        posts = wording.counted(count, "post")
        text = f"{posts}: {named(overview.may_be_live, count)}. {SETTLE}"
        url = links.changelist("destinations_destination", attention="may_be_public")
        yield VerdictLine(text, url, topic="May be live", cause="may be live:")


def _not_deleted(overview: Overview) -> Iterator[VerdictLine]:
    if items := overview.not_deleted:
        text = f"{named(items, len(items))}: still public, in the last day. See why, then decide."
        url = links.changelist("destinations_deletion", status__exact="failed")
        yield VerdictLine(text, url, topic="Not deleted")


def _reconnect(overview: Overview) -> Iterator[VerdictLine]:
    if overview.reconnect:
        count = max(
            len(overview.reconnect), sum(each.accounts_to_reconnect for each in overview.networks)
        )
        accounts = wording.counted(count, "account")
        text = f"{accounts}: {named(overview.reconnect, count)}. {RECONNECT}"
        url = links.changelist("destinations_account", health="reconnect")
        yield VerdictLine(text, url, "look", topic="Reconnect", cause="accounts to reconnect:")


def _unapproved(overview: Overview) -> Iterator[VerdictLine]:
    if items := overview.unapproved:
        text = f"{named(items, len(items))}: for over two days. Ask the people who approve."
        yield VerdictLine(text, "#unapproved", "look", topic="Not approved")


def _paused(overview: Overview) -> Iterator[VerdictLine]:
    found = zip(overview.paused, overview.pauses.value, overview.pauses.findings, strict=True)
    for item, pause, finding in found:
        because = ("restore:",) if pause.scope == Pause.Scope.INSTALLATION else ()
        yield VerdictLine(finding.said, item.url, "look", topic="Paused", because=because)


def _held(overview: Overview) -> Iterator[VerdictLine]:
    for each in overview.networks:
        if each.accounts_held:
            accounts = wording.counted(each.accounts_held, "account")
            text = f"{accounts} of {_name(each)}: {RATE_LIMITED}."
            url = links.changelist("destinations_account", health="held", platform=each.platform)
            cause = f"accounts held:{each.platform}"
            yield VerdictLine(text, url, "look", topic="Limited", cause=cause)


def _webhooks(overview: Overview) -> Iterator[VerdictLine]:
    for about, said, remedy in overview.webhooks.wrong if overview.webhooks else ():
        topic, model, query = WEBHOOK_LINES[about]
        url = links.changelist(model, **query)
        because = None if about == "late" else ()
        cause = f"webhooks:{about}"
        text = f"{said} {remedy}"
        yield VerdictLine(text, url, "look", topic, cause, because=because, effect=said)


def _name(network: NetworkNow) -> str:
    return ADAPTERS[network.platform].name
