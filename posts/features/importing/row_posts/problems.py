"""Describe why a row is refused, in the API's form."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from posts.composing.validate import AccountValidation
from posts.errors import Code, RequestRefused

#: The column that an error is about, where the error itself does not say.
FIELDS: dict[Code, str] = {
    "content_too_long": "content",
    "past_schedule_time": "scheduled_at",
    "invalid_timezone": "timezone",
    "invalid_accounts": "account_ids",
    "invalid_media": "media_ids",
    "invalid_campaign": "campaign",
    "queue_full": "use_queue",
}
#: The most errors of a row, and characters of each: a file has thousands of rows.
MOST = 10
MESSAGE_CHARS, FIELD_CHARS = 500, 200


class RowProblem(NamedTuple):
    """One error of a row. `field`: the column; "": the row as a whole."""

    field: str
    code: str
    message: str

    def shown(self) -> dict[str, str]:
        return self._asdict()


def of(refused: RequestRefused) -> tuple[RowProblem, ...]:
    """Return the errors of a refused row."""
    listed = refused.details.get("validation_errors") or [{"message": refused.message}]
    return tuple(_problem(refused, each) for each in listed[:MOST])


def of_account(verdict: AccountValidation) -> Iterator[RowProblem]:
    """Yield what a network has against the post."""
    for each in verdict.problems:
        yield RowProblem(FIELDS.get(each.code, ""), each.code, each.message[:MESSAGE_CHARS])


def _problem(refused: RequestRefused, each: dict[str, Any]) -> RowProblem:
    field = each.get("field") or refused.details.get("field") or FIELDS.get(refused.code, "")
    return RowProblem(str(field)[:FIELD_CHARS], refused.code, str(each["message"])[:MESSAGE_CHARS])
