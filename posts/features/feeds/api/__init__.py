"""The endpoints of feeds."""
