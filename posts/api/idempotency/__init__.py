"""A repeated request gets the first answer. Knows no endpoint."""
