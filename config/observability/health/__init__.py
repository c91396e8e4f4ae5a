"""Liveness and readiness. `python -m config.observability.health` prints them (__main__.py)."""
