"""Telegram: messages of a bot in a channel or group. Imports no other network."""
