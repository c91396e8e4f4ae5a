"""Threads: posts, carousels, chains. Imports no other network."""
