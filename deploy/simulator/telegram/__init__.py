"""Telegram: the Bot API, for bots that each have one channel or group."""
