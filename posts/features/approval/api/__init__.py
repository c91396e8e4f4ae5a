"""The endpoints of approval."""
