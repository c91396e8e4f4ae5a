"""The endpoints of links."""
