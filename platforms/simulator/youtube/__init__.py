"""YouTube, simulated."""
