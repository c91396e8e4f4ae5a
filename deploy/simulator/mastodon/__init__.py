"""Mastodon's API on three simulated servers."""
