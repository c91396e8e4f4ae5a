"""What became of a post, destination by destination: what `wait()` ends with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from dovecote.models import GetPostResultsAnswer, Result, ResultError

#: `pending`: not ended yet. `may_be_live`: the network did not answer, and cannot say: look there.
State = Literal["published", "failed", "may_be_live", "pending"]


@dataclass(frozen=True)
class Destination:
    """What became of a post at one account."""

    id: str
    platform: str
    account_id: int
    account_name: str
    state: State
    #: How many attempts were made; `retry` and `resolve` take it as what you have seen.
    attempts: int
    #: The public post.
    url: str | None = None
    #: Why it failed, or why it may be live.
    error: str | None = None
    #: A stable code of that.
    error_code: str | None = None
    #: Who must act: `customer`, `account_owner`, `operator`, or `nobody`.
    actor: str | None = None
    #: What they must do.
    to_do: str | None = None
    #: When the server tries again by itself.
    next_retry_at: datetime | None = None
    published_at: datetime | None = None

    def __str__(self) -> str:
        told = f"{self.platform} {self.account_name}: {self.state.replace('_', ' ')}"
        return f"{told}, {self.url or self.error}" if self.url or self.error else told


@dataclass(frozen=True)
class Outcome:
    """What became of a post so far; final if nothing is `pending`."""

    post_id: str
    destinations: Sequence[Destination] = field(default=())

    @property
    def state(self) -> State:
        """Of the whole post. One that is `may_be_live` outweighs what has failed, because it
        must not be sent again before a person has looked; what is `pending` outweighs both.
        """
        states = {each.state for each in self.destinations}
        for state in ("pending", "may_be_live", "failed"):
            if state in states:
                return state
        return "published" if states else "pending"

    @property
    def is_final(self) -> bool:
        return self.state != "pending"

    @property
    def all_published(self) -> bool:
        return self.state == "published"

    @property
    def published(self) -> list[Destination]:
        return self._in("published")

    @property
    def failed(self) -> list[Destination]:
        return self._in("failed")

    @property
    def may_be_live(self) -> list[Destination]:
        return self._in("may_be_live")

    @property
    def pending(self) -> list[Destination]:
        return self._in("pending")

    def _in(self, state: State) -> list[Destination]:
        return [each for each in self.destinations if each.state == state]

    def __str__(self) -> str:
        return "\n".join(map(str, self.destinations)) or "no destinations yet"


def of(post_id: str, answer: GetPostResultsAnswer) -> Outcome:
    """The outcome that the results of a post tell."""
    errors = {each.destination_id: each for each in answer.meta.errors or ()}
    return Outcome(post_id, [_destination(result, errors) for result in answer.data])


def _destination(result: Result, errors: Mapping[str, ResultError]) -> Destination:
    error = errors.get(result.id)
    return Destination(
        id=result.id,
        platform=result.platform,
        account_id=result.account_id,
        account_name=result.account_name,
        state=_state(result, error),
        attempts=result.attempts,
        url=result.platform_post_url or None,
        error=result.error,
        error_code=str(error.error_code) if error else None,
        actor=str(error.actor) if error else None,
        to_do=error.to_do if error else None,
        next_retry_at=result.next_retry_at,
        published_at=result.published_at,
    )


def _state(result: Result, error: ResultError | None) -> State:
    if result.status == "published":
        return "published"
    if result.status != "failed":
        return "pending"
    return "may_be_live" if error and error.may_be_live else "failed"
