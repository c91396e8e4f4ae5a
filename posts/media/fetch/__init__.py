"""Files that customers name by their address, fetched by workers.

A customer's address may be slow on purpose, so no request fetches anything: files are fetched by
workers, as rows with a lease, because messages get lost and workers die. The request waits a moment
for what comes soon. What a file is is read off its first bytes: what its server says of it is not
believed.
"""
