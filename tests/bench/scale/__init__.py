"""The admin over a year of posts: 3 million destinations, 10 million events.

`history.py` stores them, `beside.py` and `crowded.py` what else fills the tables, `nine.py` makes a
heavy nine o'clock of them. `visits.py` finds the pages, `pages.py` opens them, `plans.py` explains
what they ask. `search.py` measures the search.
"""
