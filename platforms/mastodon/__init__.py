"""Mastodon's API: posts and threads on any server that speaks it. Imports no other network."""
