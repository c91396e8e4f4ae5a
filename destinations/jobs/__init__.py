"""Leased rows, engines, wake-ups and the deletion of old rows, for every kind of work."""
