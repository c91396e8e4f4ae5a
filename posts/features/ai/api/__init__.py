"""The endpoints of AI."""
