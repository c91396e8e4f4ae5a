"""Published clients of the networks, unmodified, against the simulator."""
