"""One publish, from claimed rows to their recorded outcome. Start reading at worker.py."""
