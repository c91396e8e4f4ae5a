"""`manage.py erase_account`: erase an account with its tokens."""

from posts import registry

Command = registry.command("erase_account")
