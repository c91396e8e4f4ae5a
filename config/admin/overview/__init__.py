"""The admin's first page: what is late, failed, may be live, down, paused or dead, and why.

`read.py` reads the parts that an operator may see; `verdict.py` says what they mean, in lines to
read first. `views.py` serves the page and what refreshes it, `retry.py` the retry of a group.
Every query is bounded: none grows with history.
"""
