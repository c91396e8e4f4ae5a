"""Run what takes several requests: publish, upload, import, wait and log in."""
