"""Count what happened on each network per minute, from the events, for the overview.

Nothing here counts in a process's memory, and the publish path writes nothing for it.
"""
