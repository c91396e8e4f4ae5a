"""Django's PostgreSQL backend, that asks the server less."""
