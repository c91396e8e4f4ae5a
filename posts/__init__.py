"""Workspaces, their keys, what customers write, and their files. Speaks to no network."""
