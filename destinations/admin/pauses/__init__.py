"""The pages of pauses: what is paused, a new one, and its end."""

from destinations.admin.pauses.listing import PauseAdmin

__all__ = ["PauseAdmin"]
