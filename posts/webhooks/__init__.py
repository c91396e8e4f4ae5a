"""Webhooks: events in an outbox, their deliveries, and what is sent.

Knows the models and nothing of the API: what happens is told to `outbox`. HTTP is in `platforms`.
"""
