"""Celery's processes: beat, the Redis transport, periodic tasks, which workers are alive.

No tasks of posts and destinations: those are in their own apps.
"""
