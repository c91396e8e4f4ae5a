"""X, simulated."""
