"""What a file really is. Nothing a caller declares about it is believed."""

from posts.media.probe.by_type import probe
from posts.media.probe.facts import Facts, Unreadable

__all__ = ["Facts", "Unreadable", "probe"]
