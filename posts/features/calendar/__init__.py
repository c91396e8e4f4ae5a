"""Show posts by date: those of a month, a week, a day or an hour, in a zone.

Every query reads a bounded number of posts through an index, no matter what the filters are.
"""
