"""Fetches files from URLs that customers give. Private addresses are refused.

No Django, and no knowledge of what the files are for.
"""
