"""One publish, from claimed rows to their recorded outcome.

Read worker, run, plan, commands, outcome and complete, in this order.

No HTTP and no rules of networks: those are the adapters'.
"""
