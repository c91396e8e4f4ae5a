"""Moves, attempts and history of destinations. Only this code changes a status."""
