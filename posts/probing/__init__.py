"""What a file really is. Nothing a caller declares about it is believed."""

from posts.probing.facts import Facts, Unreadable
from posts.probing.probe import probe

__all__ = ["Facts", "Unreadable", "probe"]
