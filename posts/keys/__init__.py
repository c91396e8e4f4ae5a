"""API keys and their rate limits. No HTTP here."""
