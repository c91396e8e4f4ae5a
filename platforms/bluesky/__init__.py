"""Bluesky: posts and threads on any server of its protocol. Imports no other network."""
