"""One publish, from claimed rows to their recorded outcome. Start reading at worker.py.

No HTTP and no rules of networks: those are the adapters'.
"""
