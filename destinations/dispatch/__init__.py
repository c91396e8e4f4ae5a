"""When work begins: what is due, claims and leases, heartbeats, crash loops, lateness.

No publishing, and no rules of networks.
"""
