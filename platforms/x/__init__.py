"""X: posts and threads. Imports no other network."""
