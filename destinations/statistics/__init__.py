"""What happened on each network, per minute: counted from the events, read by the overview.

Nothing here counts in a process's memory, and the publish path writes nothing for it.
"""
