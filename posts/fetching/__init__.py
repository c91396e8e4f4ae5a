"""Files that customers name by their address, fetched by us.

Pictures and documents are fetched while the customer waits; films by a worker, as rows with a
lease, because messages get lost and workers die. What a file is is read off its first bytes: what
its server says of it is not believed.
"""
