"""Run workers: event loop, broker, clock, shutdown, failpoints. No business rules."""
