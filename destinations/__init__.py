"""Publish posts to accounts, each destination on its own. Knows no API and no request."""
