"""Check drafts and try again, by the numbers that each network states."""
