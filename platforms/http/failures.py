"""Define how a request may fail. Imports no HTTP library: 12 MB that other processes spare."""

from collections.abc import AsyncIterator

Body = bytes | AsyncIterator[bytes] | None
#: The word of a failure because a server's address or certificate is not allowed.
FORBIDDEN = "ForbiddenAddress"


class NoAnswer(Exception):
    """The request may have been sent, but no complete answer came. `word` names the failure."""

    template = "The platform's answer was lost ({word})."

    def __init__(self, word: str, message: str = "") -> None:
        super().__init__(message or self.template.format(word=word))
        self.word = word


class NotSent(NoAnswer):
    """Not a byte of the request was sent."""

    template = "The platform could not be reached ({word})."


class NotConnected(NotSent):
    """No connection could be made."""
