"""Where a post goes, and getting it there."""
