"""How processes find each other through Redis: which workers are alive.

Wiring only: no tables, and no rules about posts.
"""
