"""Captions and images by an AI provider, and the credits they cost. No HTTP of our own API here."""

#: Evidence, which no operator changes.
RIGHTS = {"posts.aiuse": ("view",)}
