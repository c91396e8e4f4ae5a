"""The demo: its workspace, and `manage.py demo`, a customer that knows nothing but the API."""
