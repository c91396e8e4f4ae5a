"""Variants of files, for networks that do not accept the original.

Each file is ready in an accepted form before its post is due, never larger than the original and
with nothing cut off, and the customer is told. Making one takes minutes and much memory, and a file
may be hostile. So composing a post stores a job, a worker makes the variant in a sandbox, and what
is not made by the end of its lease is requested again. Networks that need the same form share one.
"""
