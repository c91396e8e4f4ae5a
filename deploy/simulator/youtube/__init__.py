"""YouTube, simulated: its own protocol, and nothing of its adapter."""
