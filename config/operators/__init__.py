"""How operators log in: passwords, locks, second factors, sessions. Nothing about customers."""
