"""Nostr: relays over websockets, and a media server."""
