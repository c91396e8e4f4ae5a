"""The error words: everything a network can say, folded into a closed set.

PlatformError
├── Unsupported      the platform cannot carry this draft; nothing was sent
├── Rejected         this content will not be accepted
├── Unauthorized     the account must be reconnected
├── RateLimited      not now; nothing is public
├── Unavailable      nothing is public; trying again is safe
└── OutcomeUnknown   it may be public; only a look-up can tell
"""

from typing import ClassVar, Literal

Actor = Literal["customer", "account owner", "operator", "nobody"]


class PlatformError(Exception):
    """What went wrong, in words a customer may read.

    `code` is ours and closed; `platform_code` keeps the network's own. `body` is the network's
    answer, already redacted, for the operators' view only.
    """

    default_code: ClassVar[str]
    #: Who can make the next try succeed.
    actor: ClassVar[Actor]

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        platform_code: str = "",
        http_status: int | None = None,
        retry_after_seconds: float | None = None,
        request_id: str = "",
        body: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.platform_code = platform_code
        self.http_status = http_status
        self.retry_after_seconds = retry_after_seconds
        self.request_id = request_id
        self.body = body


class Unsupported(PlatformError):
    """The platform cannot carry this draft."""

    default_code = "unsupported"
    actor = "customer"


class Rejected(PlatformError):
    """The platform will not accept this content."""

    default_code = "content_rejected"
    actor = "customer"


class Unauthorized(PlatformError):
    """The account must be reconnected."""

    default_code = "account_needs_reconnection"
    actor = "account owner"


class RateLimited(PlatformError):
    """The platform asks to wait; nothing was published."""

    default_code = "rate_limited"
    actor = "nobody"


class Unavailable(PlatformError):
    """The platform could not be used; nothing was published."""

    default_code = "platform_unavailable"
    actor = "nobody"


class OutcomeUnknown(PlatformError):
    """The request was sent and no readable answer came back: the post may be public."""

    default_code = "outcome_unknown"
    actor = "nobody"
