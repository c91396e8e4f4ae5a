"""Incidents: a row for each thing that is wrong, from its beginning to its end, told to people.

A thread of web watches (`watch.py`), because web goes on when beat and every worker are dead. What
is wrong comes from the facts that the overview and doctor read too (`config.status`).
"""
