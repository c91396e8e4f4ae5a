"""Benchmarks: run by hand with `make bench`, never timed tests.

`python -m tests.bench` runs every measure of `measures.py`, each in a process of its own, and
writes RESULTS.md. A measure is a module with `results(short) -> list[Result]`: `short` asks for
sizes that take seconds. One that publishes imports `environment` first, which starts the servers
and sets Django up as `make up` does.

`crafted`, `requests` and `uploads` are programs of their own: `python -m tests.bench.crafted`.
"""
