"""Where a post goes, and publishing it there. Knows no API and no request."""
