"""What workers run on: event loop, broker, clock, shutdown, failpoints. No business rules."""
