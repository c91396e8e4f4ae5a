"""Readers of each type of file. They run in the sandbox: no Django, no network, no database."""
