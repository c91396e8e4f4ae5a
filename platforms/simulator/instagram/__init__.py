"""Instagram, simulated."""
