"""What worker processes run on: commands for the database's threads, an event loop, shutdown."""
