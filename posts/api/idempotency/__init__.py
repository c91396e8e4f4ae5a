"""A repeated request gets its first answer."""
