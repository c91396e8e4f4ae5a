"""The endpoints of calendar feeds."""
