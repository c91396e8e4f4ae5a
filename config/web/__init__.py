"""The web server, the pages that browsers get, and the headers and limits of every answer.

No API endpoints, no tables, and no rules about posts but what a body may cost.
"""
