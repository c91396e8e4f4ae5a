"""The client of Dovecote: publish to many networks, and know what became of it."""

from dovecote import calls, errors, models, webhooks
from dovecote._workflows.importing import ImportOutcome
from dovecote.client import AsyncClient, Client
from dovecote.errors import ApiError, DovecoteError, NoAnswer
from dovecote.outcomes import Destination, Outcome
from dovecote.posts import AsyncPost, Post

__all__ = [
    "ApiError",
    "AsyncClient",
    "AsyncPost",
    "Client",
    "Destination",
    "DovecoteError",
    "ImportOutcome",
    "NoAnswer",
    "Outcome",
    "Post",
    "calls",
    "errors",
    "models",
    "webhooks",
]
