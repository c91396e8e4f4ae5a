"""LinkedIn, simulated."""
