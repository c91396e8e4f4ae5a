"""Logs, metrics, liveness and readiness, for operators. Nothing here changes a row."""
