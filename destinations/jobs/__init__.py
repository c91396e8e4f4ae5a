"""What all kinds of work of a worker process share: their engines."""
