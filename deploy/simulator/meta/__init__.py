"""What Meta's three networks share, simulated."""
