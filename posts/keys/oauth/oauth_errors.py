"""Why a program is refused, in the words of the OAuth specifications."""

from typing import Literal

#: RFC 6749 4.1.2.1 and 5.2, RFC 7591 3.2.2, RFC 8707 2; `temporarily_unavailable` asks to wait.
OAuthError = Literal[
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "invalid_scope",
    "invalid_target",
    "invalid_redirect_uri",
    "invalid_client_metadata",
    "unsupported_grant_type",
    "unsupported_response_type",
    "request_not_supported",
    "request_uri_not_supported",
    "consent_required",
    "access_denied",
    "temporarily_unavailable",
    "server_error",
]


class OAuthRefused(Exception):
    """The program is refused; `description` says what its developer must change."""

    def __init__(self, error: OAuthError, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.retry_after = retry_after
