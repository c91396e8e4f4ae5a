"""Discord: messages of a bot in its channel, or of a webhook. Imports no other network."""
