"""The endpoints of recurrences."""
