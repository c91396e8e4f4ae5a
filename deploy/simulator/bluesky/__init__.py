"""Bluesky: servers of accounts, the directory, the app, and the video service."""
