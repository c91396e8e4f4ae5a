"""Files that customers name by a URL, fetched by workers.

A customer's server may be slow on purpose, so no request fetches a file itself: it stores a job and
waits a moment for what arrives soon. A file's type is read from its first bytes; what the server
says about it is ignored.
"""
