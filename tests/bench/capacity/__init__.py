"""A simulation of many destinations due at once, over more hosts than there are here.

`python -m tests.bench.capacity` prints the table of deploy/CAPACITY.md. Its service times are
measured (`costs.py`); how long networks take is assumed. Plain Python: it imports nothing of the
product.
"""
