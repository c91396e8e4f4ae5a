"""Discord: channels in which bots and webhooks post."""
