"""The HTTP client of every network: transport, uploads, redaction, API versions.

Knows no network.
"""
