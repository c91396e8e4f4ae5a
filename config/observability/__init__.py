"""What operators see: logs, metrics, liveness and readiness. Nothing here changes a row."""
