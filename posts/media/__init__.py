"""Uploaded files: storage, quotas, fetching, probing, conversion, deletion. No HTTP here."""
