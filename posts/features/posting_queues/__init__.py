"""Posting queues: a post that names no time gets the next free slot of a week's schedule.

`slots` is the arithmetic of wall times, `free_slots` finds the next free slot, `retime` holds the
posts of a queue and gives them new slots, `queues` makes, changes and deletes queues. How a post
enters and leaves a queue: `posts.composing.queueing`.

Locks are taken in one order: queues by their ids, then destinations, then posts. A transaction that
gives out slots of a queue holds its row, so that no two posts get the same place; so does one that
changes a post in it, so that a queue that is switched off holds every post.
"""

#: Their customers' own, changed through the API.
RIGHTS = {"posts.postingqueue": ("view",)}
