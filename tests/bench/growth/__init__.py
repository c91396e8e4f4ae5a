"""What tables cost as they grow: `python -m tests.bench.growth.lifecycles`, `….sizes`."""
