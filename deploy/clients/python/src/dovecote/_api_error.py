"""What is raised when there is no success to report."""

from collections.abc import Mapping
from typing import Any, Literal

Actor = Literal["customer", "account_owner", "operator", "nobody"]
#: The status of answers to requests that may be right.
SERVER_ERROR = 500


class DovecoteError(Exception):
    """Everything this package raises about the server and the networks."""


class ApiError(DovecoteError):
    """The API has refused the request, and nothing was changed.

    Each code has a subclass of its own in `dovecote.errors`. A code that this version does not
    know is raised as ApiError itself.
    """

    #: Who must act when the API answers this code, as the document says; None: it is not there.
    usual_actor: Actor | None = None

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        retryable: bool = False,
        request_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{message} [{code}]")
        #: The HTTP status; programs decide by `code`.
        self.status = status
        #: Stable: what programs decide by.
        self.code = code
        #: For people; its words may change.
        self.message = message
        #: More about it, such as `validation_errors`.
        self.details: Mapping[str, Any] = details or {}
        #: Whether the same request may succeed later.
        self.retryable = retryable
        #: Under which the installation's operator finds the request in the logs.
        self.request_id = request_id
        #: After how many seconds it may succeed, if the server says so.
        self.retry_after = retry_after

    @property
    def actor(self) -> Actor:
        """Who must act: the caller is the `customer`; with `nobody`, waiting helps."""
        if "setting" in self.details:
            return "operator"
        return self.usual_actor or ("customer" if self.status < SERVER_ERROR else "operator")


class NoAnswer(DovecoteError):
    """No answer came in time. `may_be_done` says whether the request may have arrived.

    If it may, sending it again with `idempotency_key` within 24 hours does nothing twice: it
    gets the answer that was lost.
    """

    def __init__(self, message: str, *, may_be_done: bool, idempotency_key: str | None) -> None:
        super().__init__(message)
        self.may_be_done = may_be_done
        self.idempotency_key = idempotency_key


class MediaError(DovecoteError):
    """A file cannot be used; the message says why."""


class StillWorking(DovecoteError, TimeoutError):
    """The server works on, and what was waited for has not happened within the time given."""


class InvalidSignature(DovecoteError):
    """A webhook was not sent by your installation, or was changed or kept on its way."""


class UnknownAccount(DovecoteError):
    """No connected account, or more than one, is what was asked for."""


class LoginFailed(DovecoteError):
    """The operator refused the login, or it has expired."""
