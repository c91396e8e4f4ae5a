"""Keep what the simulated networks remember: accounts, tokens, posts, files, faults, numbers."""
