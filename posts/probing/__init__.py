"""What a file really is. Nothing a caller declares about it is believed."""

from posts.probing.by_type import probe
from posts.probing.facts import Facts, Unreadable

__all__ = ["Facts", "Unreadable", "probe"]
