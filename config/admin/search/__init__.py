"""One box that finds everything: what a text can be, a finder for each kind, and the page.

Finders read by an index, for a bounded time, and no column that holds a secret.
"""
