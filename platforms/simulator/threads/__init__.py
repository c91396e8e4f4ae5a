"""Threads, simulated."""
