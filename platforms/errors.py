"""Everything a network can say, mapped to a closed set of errors.

PlatformError
├── Unsupported      the platform cannot carry this draft; nothing was sent
├── Rejected         this content will not be accepted
├── Unauthorized     the account must be reconnected
├── RateLimited      not now; nothing is public
├── Unavailable      nothing is public; trying again is safe
├── MediaHostAway    our own web host was away when the platform fetched a file; nothing is public
└── OutcomeUnknown   the post may be public; only a lookup can tell

The class decides what Dovecote does. The code tells what happened, who must act, and how.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeVar

Actor = Literal["customer", "account owner", "operator", "nobody"]


@dataclass(frozen=True, slots=True)
class Code:
    """The actor who can make the next try succeed, and how."""

    actor: Actor
    to_do: str
    #: The cause is the installation's: every account of the platform is affected.
    whole_app: bool = False


#: Every code a destination can end with. Stable, because customers' programs compare them.
CODES: dict[str, Code] = {
    # The content
    "unsupported": Code("customer", "Change the post; the platform does not support it."),
    "content_rejected": Code("customer", "Change the post; the platform refuses its content."),
    "text_too_long": Code("customer", "Shorten the text."),
    "media_rejected": Code("customer", "Replace the file; the platform does not accept it."),
    "duplicate_content": Code("customer", "Change the text; the account has already posted it."),
    "option_rejected": Code(
        "customer", "Change the platform's option; this account cannot use it."
    ),
    "target_missing": Code("customer", "Remove what the post refers to; it does not exist."),
    # The account
    "account_needs_reconnection": Code("account owner", "Reconnect the account."),
    "permission_missing": Code("account owner", "Reconnect the account and grant all permissions."),
    "account_restricted": Code("account owner", "Lift the restriction in the platform's own app."),
    "account_removed": Code("customer", "Post to an account that is connected."),
    "address_refused": Code(
        "account owner",
        "Give the account's server a public https address with a valid certificate.",
    ),
    "handle_refused": Code(
        "account owner", "Enter the handle exactly as the account's profile shows it."
    ),
    "account_inactive": Code("operator", "Activate the account."),
    "credentials_unreadable": Code("operator", "Configure the key that encrypted the credentials."),
    # The time
    "missed_schedule": Code("customer", "Retry it if it is still wanted."),
    "rate_limited": Code("nobody", "Dovecote retries it when the platform allows it."),
    "daily_limit_reached": Code("nobody", "Dovecote retries it when the daily limit resets."),
    "temporarily_blocked": Code("account owner", "Post less often; Dovecote retries it later."),
    # This installation
    "app_refused": Code("operator", "Check the app's registration at the platform."),
    "app_quota_exhausted": Code("operator", "Raise the app's quota at the platform.", True),
    "credits_depleted": Code("operator", "Add credit at the platform.", True),
    "version_retired": Code(
        "operator", "Update Dovecote; the platform retired its API version.", True
    ),
    "media_unreachable": Code("operator", "Make PUBLIC_URL reachable from the platform."),
    "media_host_away": Code(
        "operator", "Bring the web host at PUBLIC_URL back; publishing then resumes."
    ),
    "internal_error": Code("operator", "Report this bug of Dovecote with the request id."),
    # The platform
    "platform_unavailable": Code("nobody", "Dovecote retries it."),
    "media_processing_failed": Code("nobody", "Dovecote retries it with a new upload."),
    "not_published": Code("nobody", "Nothing is public; Dovecote or a person retries it."),
    "deadline": Code("nobody", "The platform took too long; Dovecote retries it."),
    "not_proven": Code("customer", "Delete it in the platform's own app; it may not be yours."),
    "outcome_unknown": Code("customer", "Check whether it is public, then confirm what you found."),
}


AnyError = TypeVar("AnyError", bound="PlatformError")


class PlatformError(Exception):
    """A network's failure, in a message that customers may read.

    `code` is one of CODES, `platform_code` the network's own. `body` is the network's redacted
    answer, for operators only. `unmapped`: no table knows what the network said, so that only the
    HTTP status decided. `unreachable`: the network itself was away, so no post is to blame. Raises
    KeyError for a code outside the set.
    """

    default_code: ClassVar[str]

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
        unmapped: bool = False,
        unreachable: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.actor: Actor = CODES[self.code].actor
        self.platform_code = platform_code
        self.http_status = http_status
        self.retry_after_seconds = retry_after_seconds
        self.request_id = request_id
        self.body = body
        self.unmapped = unmapped
        self.unreachable = unreachable

    def as_(self, error: type[AnyError], message: str = "", *, code: str = "") -> AnyError:
        """Return this refusal read as another error, with all that the network said of it.

        Without a `message` it keeps its own; the code is the new error's default or `code`.
        """
        return error(
            message or self.message,
            code=code,
            platform_code=self.platform_code,
            http_status=self.http_status,
            retry_after_seconds=self.retry_after_seconds,
            request_id=self.request_id,
            body=self.body,
            unmapped=self.unmapped,
            unreachable=self.unreachable,
        )


class Unsupported(PlatformError):
    """The platform cannot carry this draft."""

    default_code = "unsupported"


class Rejected(PlatformError):
    """The platform will not accept this content."""

    default_code = "content_rejected"


class Unauthorized(PlatformError):
    """The account must be reconnected."""

    default_code = "account_needs_reconnection"


class RateLimited(PlatformError):
    """The platform asks to wait; nothing was published."""

    default_code = "rate_limited"


class Unavailable(PlatformError):
    """The platform could not be used; nothing was published."""

    default_code = "platform_unavailable"


class MediaHostAway(PlatformError):
    """Our own web host was away when the platform fetched a file; nothing was published."""

    default_code = "media_host_away"


class OutcomeUnknown(PlatformError):
    """The request was sent and no readable answer came: the post may be public."""

    default_code = "outcome_unknown"
