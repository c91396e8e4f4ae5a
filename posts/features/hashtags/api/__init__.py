"""The endpoints of hashtags."""
