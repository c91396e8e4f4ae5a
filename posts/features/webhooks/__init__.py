"""Webhooks: who gets which events, their deliveries, and what is sent.

Events are written by `posts.outbox`, in the transaction of what happened. HTTP is in `platforms`.
"""
