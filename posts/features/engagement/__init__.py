"""What the networks say of published posts: which are read when, and the sums of what was read.

Publishing pays nothing for it: what became public is found afterwards, in the events. A network
that gives no number contributes nothing, and no number is made up: absent is not zero.
"""
