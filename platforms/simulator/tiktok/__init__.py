"""TikTok, simulated."""
