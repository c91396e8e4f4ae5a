"""What every adapter promises: one class, and one small case per network."""

import dataclasses
import logging
import traceback
from dataclasses import dataclass, field

import pytest

from platforms import adapter
from platforms.adapter import Adapter
from platforms.drafts import Credentials, Draft
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from platforms.outcomes import Absent, Finding, Published, Undeterminable
from tests.conftest import Simulator
from tests.platforms.driver import Drive, published


@dataclass(frozen=True)
class Case:
    """`call` is the simulator's name of the irreversible call."""

    adapter: Adapter
    draft: Draft
    account_id: str
    call: str
    username: str = "acme"
    #: For the adapter's credentials and for the simulator's account.
    extra: dict = field(default_factory=dict)
    simulator_extra: dict | None = None
    #: Where a network reads a status differently: status → error.
    statuses: dict[int, type[PlatformError]] = field(default_factory=dict)
    #: Whether the network's refusals have a status.
    has_statuses: bool = True
    #: What is understood when the network's own limit lasts two more minutes.
    reset_seconds: float = 120

    def connect(self, simulator: Simulator) -> Drive:
        token = self.new_token(simulator)
        account = Credentials(self.account_id, self.username, token, extra=self.extra)
        return Drive(self.adapter, account, simulator)

    def new_token(self, simulator: Simulator) -> str:
        """The account's token from now on; the one before is refused."""
        extra = self.extra if self.simulator_extra is None else self.simulator_extra
        fields = {"username": self.username, "extra": extra}
        return simulator.connect(self.adapter.key, self.account_id, **fields)


STATUSES = {
    400: Rejected,
    401: Unauthorized,
    403: Unauthorized,
    404: Rejected,
    408: OutcomeUnknown,
    429: RateLimited,
    500: OutcomeUnknown,
    502: OutcomeUnknown,
    503: OutcomeUnknown,
    504: OutcomeUnknown,
}


class AdapterContract:
    """Subclass with a fixture `case`."""

    @pytest.fixture
    def drive(self, case: Case, simulator: Simulator) -> Drive:
        return case.connect(simulator)

    def test_a_draft_is_published_once(self, case: Case, drive: Drive):
        case.adapter.check(case.draft)
        result = published(drive.finish(case.draft))
        assert [post["id"] for post in drive.public()] == [result.id]
        assert drive.sends == 1

    def test_a_status_of_the_irreversible_call_is_read(self, case: Case, drive: Drive):
        for status, usual in STATUSES.items():
            drive.fault(call=case.call, status=status, times=1)
            drive.checkpoint = {}
            error = drive.fails(case.draft)
            expected = case.statuses.get(status, usual)
            state = "sent" if expected is OutcomeUnknown else "answered"
            told = (type(error), error.http_status, drive.state)
            shown = status if case.has_statuses else None
            assert told == (expected, shown, state)
        assert drive.public() == []

    def test_a_rate_limit_says_when_it_ends(self, case: Case, drive: Drive):
        drive.fault(call=case.call, rate_limit_reset_seconds=120)
        error = drive.fails(case.draft)
        assert type(error) is RateLimited
        assert error.retry_after_seconds is not None
        assert case.reset_seconds - 5 < error.retry_after_seconds <= case.reset_seconds + 1
        assert drive.state in ("unsent", "answered")
        assert drive.public() == []

    def test_a_rate_limit_that_says_nothing_leaves_the_wait_to_the_policy(
        self, case: Case, drive: Drive
    ):
        drive.fault(call=case.call, status=429, body="{}")
        error = drive.fails(case.draft)
        assert type(error) is RateLimited
        assert error.retry_after_seconds is None or 0 < error.retry_after_seconds <= 3600
        assert drive.public() == []

    def test_a_call_that_never_arrived_is_not_called_published(self, case: Case, drive: Drive):
        drive.fault(call=case.call, drop="before", times=1)
        error = drive.fails(case.draft)
        assert type(error) is OutcomeUnknown
        found = drive.find_out(case.draft)
        assert isinstance(found, Absent | Undeterminable), found
        assert drive.public() == []

    def test_a_network_that_was_never_reached_has_published_nothing(self, case: Case, drive: Drive):
        drive.gateway = "http://127.0.0.1:9"
        error = drive.fails(case.draft)
        assert type(error) is Unavailable
        assert drive.state in ("unsent", "answered")

    @pytest.mark.parametrize("drop", ["after", "middle"])
    def test_a_lost_answer_is_unknown_and_never_called_absent(
        self, case: Case, drive: Drive, drop: str
    ):
        drive.fault(call=case.call, drop=drop, times=1)
        error = drive.fails(case.draft)
        assert type(error) is OutcomeUnknown
        saved = dict(drive.saves[-1].values)
        self.may_be(drive.find_out(case.draft), drive)

        # A worker that was killed has nothing but what it saved, and maybe a new token.
        drive.checkpoint = saved
        drive.account = dataclasses.replace(drive.account, token=case.new_token(drive.simulator))
        self.may_be(drive.find_out(case.draft), drive)

    def may_be(self, found: Finding, drive: Drive) -> None:
        """Not seen yet is looked for again; none of these leads to a second post."""
        [post] = drive.public()
        assert isinstance(found, Published | Undeterminable) or found == Absent(proven=False)
        if isinstance(found, Published):
            assert found.id == post["id"]

    @pytest.mark.parametrize("body", ["<html>ok</html>", "[]", '{"data":{}}'])
    def test_an_acceptance_that_cannot_be_read_is_unknown(
        self, case: Case, drive: Drive, body: str
    ):
        drive.fault(call=case.call, status=200, body=body, effect=True)
        assert type(drive.fails(case.draft)) is OutcomeUnknown
        assert len(drive.public()) == 1

    def test_no_credential_is_ever_shown(
        self, case: Case, drive: Drive, caplog: pytest.LogCaptureFixture
    ):
        token = drive.account.token
        body = f'{{"message":"{token}","error":{{"message":"{token}"}},"detail":"{token}"}}'
        seen = [repr(drive.account), repr(dataclasses.replace(case))]
        for status in (400, 401, 429, 500):
            drive.fault(call=case.call, status=status, body=body, times=1)
            drive.checkpoint = {}
            with caplog.at_level(logging.DEBUG):
                error = drive.fails(case.draft)
            seen += [error.message, error.body, error.platform_code, repr(error), error.request_id]
            seen += [str(error.args), str(drive.checkpoint), *traceback.format_exception(error)]
        assert [text for text in [*seen, str(drive.saves), caplog.text] if token in text] == []


class PingContract:
    """What a ping says, once for each kind of account. Subclass with a fixture `case`."""

    @pytest.fixture
    def drive(self, case: Case, simulator: Simulator) -> Drive:
        return case.connect(simulator)

    def test_a_network_that_answers_is_asked_once_and_publishes_nothing(self, drive: Drive):
        assert drive.ping() is None
        assert (len(drive.requests), drive.sends, drive.state) == (1, 0, "unsent")
        assert drive.public() == []

    def test_a_network_that_gives_no_readable_answer_is_unavailable(
        self, drive: Drive, monkeypatch: pytest.MonkeyPatch
    ):
        faults: list[dict] = [{"status": status} for status in (500, 502, 503, 504)]
        faults += [{"status": 200, "body": body} for body in ("<html>ok</html>", "[]", "{}")]
        faults += [{"drop": drop} for drop in ("before", "after", "middle")]
        told = {}
        for fault in faults:
            drive.fault(**fault, times=1)
            told[str(fault)] = type(drive.ping())
        monkeypatch.setattr(adapter, "PING_SECONDS", 0.2)
        drive.fault(delay_seconds=2, times=1)
        told["late"] = type(drive.ping())
        drive.gateway = "http://127.0.0.1:9"
        told["unreachable"] = type(drive.ping())
        assert told == dict.fromkeys(told, Unavailable)

    def test_a_refusal_is_an_answer(self, drive: Drive):
        for status in (401, 429):
            drive.fault(status=status, times=1)
            error = drive.ping()
            assert isinstance(error, Unauthorized | RateLimited | Rejected), (status, repr(error))
        assert drive.public() == []

    def test_no_credential_is_shown(self, drive: Drive):
        token = drive.account.token
        body = f'{{"message":"{token}","error":{{"message":"{token}"}},"detail":"{token}"}}'
        for status in (200, 400, 401, 429, 500):
            drive.fault(status=status, body=body, times=1)
            if error := drive.ping():
                shown = [*traceback.format_exception(error), str(vars(error)), str(error.args)]
                assert [text for text in shown if token in text] == []


class TokenContract:
    """What an adapter promises where tokens end. Subclass with a fixture `case`."""

    @pytest.fixture
    def drive(self, case: Case, simulator: Simulator) -> Drive:
        return case.connect(simulator)

    def test_a_publish_goes_on_from_its_checkpoint_when_its_token_ended_in_the_middle(
        self, case: Case, drive: Drive
    ):
        drive.fault(call=case.call, status=401, times=1)
        error = drive.fails(case.draft)
        assert (type(error), error.code) == (Unauthorized, "account_needs_reconnection")
        assert drive.public() == []

        drive.account = dataclasses.replace(drive.account, token=case.new_token(drive.simulator))
        result = published(drive.finish(case.draft))
        assert [post["id"] for post in drive.public()] == [result.id]
        assert drive.sends == 2

    def test_a_token_that_ended_before_says_so_at_the_first_call(self, case: Case, drive: Drive):
        new = case.new_token(drive.simulator)
        error = drive.fails(case.draft)
        assert (type(error), error.code) == (Unauthorized, "account_needs_reconnection")
        assert drive.public() == []

        drive.account = dataclasses.replace(drive.account, token=new)
        assert isinstance(drive.finish(case.draft), Published)
        assert len(drive.public()) == 1
