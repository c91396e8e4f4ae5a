"""Other forms of a file, for networks that do not take it as it is.

The promise: whatever a network can be sent is made ready before it is due, never larger than the
original and with nothing cut off, and the customer is told. What stands in its way: making takes
minutes and much of a machine, its message may be lost, the file may be hostile. So a form is asked
for when the post is composed, as a row; a worker makes it in a sandbox; whoever finds it unmade
when its lease is over asks again. Networks that want the same form share one file.
"""
