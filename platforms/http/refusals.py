"""Map a network's refusals to meanings, as data: each `errors.py` is a table of them.

To give a new form of error a code, add a `Meaning` to that table.
"""

from dataclasses import dataclass

from platforms.errors import OutcomeUnknown, PlatformError, RateLimited, Rejected, Unauthorized
from platforms.http.client import Answer


@dataclass(frozen=True, slots=True)
class Meaning:
    """One of our errors, and the sentence a customer reads.

    In the sentence `{name}` is the network's name and `{said}` the network's own words.
    """

    error: type[PlatformError]
    sentence: str
    #: One of CODES; empty for the error's default.
    code: str = ""
    #: How long to wait if the network does not say.
    wait_seconds: float | None = None
    #: The error instead, if the call that publishes gets this answer.
    when_publishing: type[PlatformError] | None = None
    #: No table knows what the network said.
    unmapped: bool = False

    def as_error(
        self,
        said: str = "",
        *,
        name: str = "",
        retry_after_seconds: float | None = None,
        **details: str | int | None,
    ) -> PlatformError:
        """Return the error, with the `details` of PlatformError."""
        message = self.sentence.format(name=name, said=said).strip()
        return self.error(
            f"{message[:-1]}." if message.endswith(":") else message,
            code=self.code,
            retry_after_seconds=retry_after_seconds or self.wait_seconds,
            unmapped=self.unmapped,
            **details,  # type: ignore[arg-type]
        )


def explain_by_status(name: str, answer: Answer) -> PlatformError:
    """Return what an HTTP status means where the body says nothing more."""
    status = answer.status
    if status == 401:
        error: type[PlatformError] = Unauthorized
        message = f"{name} no longer accepts this account's authorization; reconnect it."
    elif status == 429:
        error, message = RateLimited, f"Rate limit exceeded on {name}."
    elif status == 408 or status >= 500:
        error, message = OutcomeUnknown, f"{name} answered {status}."
    else:
        error, message = Rejected, f"{name} refused the post ({status})."
    return error(
        message,
        http_status=status,
        retry_after_seconds=answer.retry_after_seconds(),
        body=answer.text,
        unmapped=error is Rejected,
    )
