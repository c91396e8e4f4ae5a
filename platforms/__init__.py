"""Speak to each network. Plain Python: no Django, no tables."""
