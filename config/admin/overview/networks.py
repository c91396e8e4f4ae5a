"""The table of networks: what each one does now, every number a link to its list."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from config.admin import links
from config.status import wording
from config.status.posts import is_late
from destinations.admin.pauses import formatting
from destinations.models import Pause
from destinations.statistics.network_now import DEFINITIONS, NetworkNow
from platforms.registry import ADAPTERS

#: From this share of failed tries on, a cell asks to be looked at.
FAILING_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class NetworkCell:
    """One value with its column's label. `level` is blank, look or act; `note` a second line."""

    label: str
    value: str
    url: str = ""
    level: str = ""
    note: str = ""
    note_url: str = ""
    #: What the number counts; each is the number of rows of its list.
    definition: str = ""

    @property
    def is_empty(self) -> bool:
        """Return whether small screens may leave it out."""
        return self.value in ("0", "-") and not self.note


@dataclass(frozen=True, slots=True)
class NetworkRow:
    key: str
    name: str
    #: Such as `Looks down`, and its level.
    state: str
    level: str
    cells: tuple[NetworkCell, ...]
    #: The page that asks whether to pause it, or to resume it if it is paused.
    pause_url: str
    is_paused: bool


def rows(networks: Iterable[NetworkNow], pauses: Iterable[Pause]) -> list[NetworkRow]:
    """A row per network, in the order of the documentation."""
    paused = {pause.target: pause for pause in pauses if pause.scope == Pause.Scope.NETWORK}
    return [_row(each, paused.get(each.platform)) for each in networks]


def _row(network: NetworkNow, pause: Pause | None) -> NetworkRow:
    state, level = _state(network, is_paused=pause is not None)
    new_url = formatting.new_url(Pause.Scope.NETWORK, network.platform)
    return NetworkRow(
        key=network.platform,
        name=ADAPTERS[network.platform].name,
        state=state,
        level=level,
        cells=(*_work(network), _failing(network), *_people(network)),
        pause_url=formatting.end_url(pause) if pause else new_url,
        is_paused=pause is not None,
    )


def _state(network: NetworkNow, *, is_paused: bool) -> tuple[str, str]:
    if is_paused:
        return "Paused", "look"
    if network.looks_down:
        return "Looks down", "act"
    if is_late(network.oldest_seconds):
        return "Late", "act"
    if (network.failing_share or 0) >= FAILING_SHARE:
        return "Failing", "look"
    return ("Limited", "look") if network.accounts_held else ("Fine", "")


def _work(network: NetworkNow) -> tuple[NetworkCell, ...]:
    oldest = wording.age(network.oldest_seconds) if network.due_now else "-"
    lags = f"{wording.lag(network.lag_p50)} / {wording.lag(network.lag_p99)}"
    late = _posts(network, "Due now", network.due_now, "late")
    return (
        late,
        NetworkCell("Oldest", oldest, late.url, "act" if is_late(network.oldest_seconds) else ""),
        _posts(network, "On hold", network.on_hold, "on_hold", "look"),
        _posts(network, "Running", network.running, "running"),
        _posts(network, "Retrying", network.retrying, "retry_waiting"),
        NetworkCell("Lag p50 / p99", "-" if network.lag_p50 is None else lags),
    )


def _posts(
    network: NetworkNow, label: str, count: int, attention: str, level: str = ""
) -> NetworkCell:
    query = {"attention": attention, "platform": network.platform}
    url = links.changelist("destinations_destination", **query)
    definition = DEFINITIONS[attention]
    return NetworkCell(
        label, wording.number(count), url, level if count else "", definition=definition
    )


def _accounts(network: NetworkNow, label: str, count: int, health: str, level: str) -> NetworkCell:
    url = links.changelist("destinations_account", health=health, platform=network.platform)
    definition = DEFINITIONS[health]
    return NetworkCell(
        label, wording.number(count), url, level if count else "", definition=definition
    )


def _failing(network: NetworkNow) -> NetworkCell:
    if network.failing_share is None:
        return NetworkCell("Failing", "-")
    note = note_url = ""
    if network.top_error:
        code, count = network.top_error
        note = f"{wording.number(count)} {code}"
        note_url = failures(network.platform)
    share = network.failing_share
    level = "" if share < FAILING_SHARE else "act" if network.looks_down else "look"
    value = f"{wording.percent(share)} of {wording.number(network.outcomes)}"
    return NetworkCell("Failing", value, failures(network.platform), level, note, note_url)


def _people(network: NetworkNow) -> tuple[NetworkCell, ...]:
    return (
        _posts(network, "May be live", network.may_be_live, "may_be_public", "act"),
        _accounts(network, "Limited", network.accounts_held, "held", "look"),
        _accounts(network, "To reconnect", network.accounts_to_reconnect, "reconnect", "act"),
    )


def failures(platform: str) -> str:
    """The failures page, of one network."""
    return f"{reverse('admin:overview_failures')}?platform={platform}"
