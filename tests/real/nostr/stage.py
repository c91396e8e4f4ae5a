"""Where a case is played: the adapter at one relay, and what it said and lists."""

from collections.abc import Callable
from typing import Any

from platforms.drafts import Draft
from platforms.errors import PlatformError
from tests.conftest import Simulator
from tests.platforms.driver import Drive
from tests.platforms.nostr.account import FIRST, drive
from tests.platforms.nostr.steps import events_at, say, signed_in
from tests.real.nostr.carrier import Carrier

Seen = dict[str, Any]


class Stage:
    def __init__(self, simulator: Simulator, carrier: Carrier) -> None:
        self.carrier = carrier
        self.drive: Drive = drive(simulator, FIRST)
        self.drive.gateway = carrier.url
        self.drive.set("denies_duplicates", True)
        #: Speaks with the relay as the adapter reaches it.
        self._relay = Simulator(carrier.url, simulator.http)

    def publish(self, draft: Draft) -> Seen:
        return self.told(lambda: self.drive.finish(draft))

    def find(self, draft: Draft) -> Seen:
        return self.told(lambda: self.drive.find(draft))

    def delete(self) -> Seen:
        [event, *_] = self.signed
        return self.told(lambda: self.drive.delete(event["id"]))

    def sign_in(self) -> Seen:
        return self.told(lambda: signed_in(self.drive, relays=FIRST).extra["relays"])

    @property
    def signed(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.drive.checkpoint["signed"]["events"]
        return found

    def listed(self) -> list[bool]:
        """Whether the relay has each event, exactly as it was signed."""
        ids = [event["id"] for event in self.signed]
        found = {event["id"]: event for event in events_at(self._relay, FIRST, *ids)}
        return [found.get(event["id"]) == event for event in self.signed]

    def send(self, event: dict[str, Any]) -> Seen:
        """Send an event as it is; whether it is taken, and the word of a refusal."""
        [[_, _, is_taken, words]] = say(self._relay, FIRST, ["EVENT", event])
        return {"taken": is_taken, "word": words.partition(":")[0]}

    def told(self, work: Callable[[], Any]) -> Seen:
        """Return what a call ended with, without what chance decides."""
        try:
            ended = work()
        except PlatformError as error:
            return {"error": type(error).__name__, "code": error.code, "state": self.drive.state}
        if isinstance(ended, str):
            return {"ended": ended}
        notes = list(getattr(ended, "notes", ()))
        return {"ended": type(ended).__name__, "notes": notes}
