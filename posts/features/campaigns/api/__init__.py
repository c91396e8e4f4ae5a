"""The endpoints of campaigns."""
