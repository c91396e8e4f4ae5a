"""The story of a destination: what it sends, what happened to it, and what happens next."""
