"""Accounts, connecting them, and the key itself."""
