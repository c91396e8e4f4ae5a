"""`manage.py erase_workspace`: erase a workspace with all that it owns."""

from posts import registry

Command = registry.command("erase_workspace")
