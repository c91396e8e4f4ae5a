"""Uploaded files: storage, quotas, fetching, probing, conversion, deletion."""
