"""What Instagram and Threads refuse alike."""

from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from tests.platforms.meta.containers import Bench, graph_error, photos

Row = tuple[int, str, type[PlatformError], str]


def refused_creating(b: Bench, row: Row) -> None:
    """The row's answer, to the call that makes a container."""
    status, body, error, code = row
    b.fault(call="create_container", status=status, body=body)
    found = b.fails(photos())
    assert (type(found), found.code) == (error, code)
    assert found.http_status == status
    assert b.drive.account.token not in str(found) + found.body
    assert (b.drive.sends, b.public()) == (0, [])


def refused_publishing(b: Bench, row: Row) -> None:
    """The row's answer, to the call that publishes."""
    status, body, error, code = row
    b.fault(call="publish", status=status, body=body)
    found = b.fails(photos())
    assert (type(found), found.code) == (error, code)
    assert b.public() == []


SHARED_ROWS: list[Row] = [
    (400, graph_error(190, 463), Unauthorized, "account_needs_reconnection"),
    (401, graph_error(190, 458), Unauthorized, "account_needs_reconnection"),
    (400, graph_error(102), Unauthorized, "account_needs_reconnection"),
    (403, graph_error(10), Unauthorized, "permission_missing"),
    (403, graph_error(200), Unauthorized, "permission_missing"),
    (403, graph_error(299), Unauthorized, "permission_missing"),
    (400, graph_error(3), Rejected, "app_refused"),
    *[
        (400, graph_error(code), RateLimited, "rate_limited")
        for code in (4, 17, 32, 341, 613, 80002)
    ],
    (429, graph_error(99999), RateLimited, "rate_limited"),
    (400, graph_error(368), RateLimited, "temporarily_blocked"),
    (400, graph_error(4, 2207051), RateLimited, "temporarily_blocked"),
    (400, graph_error(9004, 2207052), Unavailable, "media_unreachable"),
    (400, graph_error(506), Rejected, "duplicate_content"),
    (400, graph_error(100), Rejected, "content_rejected"),
    (400, graph_error(100, 33), Unauthorized, "account_needs_reconnection"),
    (400, graph_error(1), Unavailable, "platform_unavailable"),
    (500, graph_error(2), Unavailable, "platform_unavailable"),
    (400, graph_error(77777, is_transient=True), Unavailable, "platform_unavailable"),
    (502, "<html>Bad gateway</html>", Unavailable, "platform_unavailable"),
]


SHARED_PUBLISHING: list[Row] = [
    (400, graph_error(190, 460), Unauthorized, "account_needs_reconnection"),
    (400, graph_error(4, 2207051), OutcomeUnknown, "outcome_unknown"),
    (400, graph_error(100, 33), Unauthorized, "account_needs_reconnection"),
    (400, graph_error(1), OutcomeUnknown, "outcome_unknown"),
    (500, graph_error(2), OutcomeUnknown, "outcome_unknown"),
    (500, graph_error(10), OutcomeUnknown, "outcome_unknown"),
    (500, graph_error(4, 2207051), OutcomeUnknown, "outcome_unknown"),
    (400, graph_error(506), OutcomeUnknown, "outcome_unknown"),
    (400, graph_error(77777), OutcomeUnknown, "outcome_unknown"),
    (200, graph_error(2), OutcomeUnknown, "outcome_unknown"),
    (400, graph_error(368), RateLimited, "temporarily_blocked"),
]
