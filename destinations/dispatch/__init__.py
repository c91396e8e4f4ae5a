"""When work begins, and how late: what is due, and what has waited for too long.

No publishing, and no rules of networks.
"""
