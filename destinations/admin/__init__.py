"""What operators see of accounts and destinations, and the few things they may do to them.

Every change is made by the function that the API calls too. Admin pages of all packages are made of
what is here: `base` (read-only pages), `lists`, `actions` and `search`.
"""

from destinations.admin import account, deletion, destination, history, pauses

__all__ = ["account", "deletion", "destination", "history", "pauses"]
