"""What an adapter makes of a network's refusals, row after row of a table."""

from platforms.drafts import Draft
from platforms.errors import PlatformError
from tests.conftest import Simulator
from tests.platforms.driver import Drive


def refusal(
    simulator: Simulator, drive: Drive, draft: Draft, call: str, status: int, body: str = ""
) -> PlatformError:
    """The error of a new attempt, whose `call` gets this answer each time."""
    drive.checkpoint, drive.saves = {}, []
    simulator.fault(drive.adapter.key, call=call, status=status, body=body)
    try:
        outcome = drive.finish(draft)
    except PlatformError as error:
        return error
    finally:
        simulator.http.delete("/control/faults").raise_for_status()
    raise AssertionError(f"{status} {body!r} to {call} ends with {outcome}.")
