"""Servers that customers name: what they may be asked, hold up and state."""
