"""Deletes posts that ended long ago, if the operator wants it.

What a customer deletes is elsewhere, and each log deletes its own rows.
"""
