"""Answers of the compatibility mount: the reference mount's, with what else clients read."""
