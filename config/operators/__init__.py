"""Operators: passwords, locks, second factors, how long a session lasts."""
