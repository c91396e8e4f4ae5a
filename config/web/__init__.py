"""The server that runs Django, what browsers get, and the rules that all answers follow.

Wiring only: no API endpoints, no tables, and no rules about posts but what a body may cost.
"""
