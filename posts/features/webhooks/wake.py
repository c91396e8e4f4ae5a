"""Wakes the deliveries of a worker, once a change is committed: at most five times a second."""

from destinations.jobs.wake import Wake

TASK = "posts.deliver_webhooks"
WAKE = Wake(TASK, pause_seconds=0.2)
after_commit, served_by = WAKE.after_commit, WAKE.served_by
