"""Differences between the simulator and nostr-relay that stay, each with its reason."""

from collections.abc import Mapping

#: Case, and the beginning of the path of what differs → why.
LISTED: Mapping[tuple[str, str], str] = {}
