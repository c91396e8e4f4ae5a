"""Change, lock, retry and delete posts that exist."""
