"""What operators see: logs, metrics, liveness and readiness."""
