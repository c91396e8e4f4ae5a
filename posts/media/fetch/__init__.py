"""Files that customers name by their address, fetched by workers.

An address may be slow on purpose, so no request fetches anything: workers do, from rows with a
lease, because messages get lost and workers die. The request waits briefly for files that arrive
soon. A file's type is read from its first bytes; its server's claim is ignored.
"""
