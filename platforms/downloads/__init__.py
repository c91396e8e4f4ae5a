"""Fetching files from URLs that customers give. Private addresses are refused."""
