"""Bodies and answers about posts and their destinations."""
