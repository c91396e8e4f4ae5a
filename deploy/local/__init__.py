"""Everything Dovecote needs, running on one machine: `make up` and `make demo`.

Nothing in production imports this.
"""
