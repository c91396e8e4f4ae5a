"""Run worker processes: commands for the database's threads, an event loop, shutdown."""
