"""Notice that a restored database has lost history, and doubt what may be public already."""
