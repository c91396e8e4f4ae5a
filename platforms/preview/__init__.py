"""Show readers' view of a draft: texts as the feed cuts them, files in their frames.

Each network's own `preview.py` says what its feed does. Where no document of the network states it,
it was observed in the network's apps; where exactly a feed cuts also depends on the screen.
"""
