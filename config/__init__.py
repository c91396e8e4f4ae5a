"""Wiring: settings, URLs, processes, the operators' site. No tables, no rules about posts."""
