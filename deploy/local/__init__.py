"""Everything Dovecote needs, running on one machine that has nothing but Python: `make up`."""
