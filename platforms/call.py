"""What one publish or lookup of a destination works with."""

from dataclasses import dataclass

from platforms.checkpoint import Checkpoint
from platforms.drafts import Credentials, Draft
from platforms.http.client import Client


@dataclass(frozen=True, slots=True)
class Call:
    """One draft, the account to publish it as, and the means to do so."""

    draft: Draft
    account: Credentials
    http: Client
    #: Where an earlier call stopped; empty for the first.
    checkpoint: Checkpoint
