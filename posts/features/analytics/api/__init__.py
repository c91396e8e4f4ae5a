"""The endpoints of analytics."""
