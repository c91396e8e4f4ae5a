"""What workers stand on: event loop, broker, clock, shutdown, failpoints. No business rules."""
