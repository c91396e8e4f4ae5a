"""How rows are searched for: what a text can name, and the searches that each admin declares.

Searches read by an index, for a bounded time, and no column that holds a secret.
"""
