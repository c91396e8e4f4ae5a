"""What operators see of accounts and destinations, and the few things they may do to them.

Every change is made by the function that the API calls too.
"""

from destinations.admin import account, destination, history

__all__ = ["account", "destination", "history"]
