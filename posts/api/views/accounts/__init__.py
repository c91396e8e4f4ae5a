"""Endpoints of accounts, of connecting them, and of the key itself."""
