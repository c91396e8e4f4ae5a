"""Decide when work begins: due rows, claims and leases, heartbeats, crash loops, lateness.

No publishing, and no rules of networks.
"""
