"""What all kinds of work share: leased rows, engines, wake-ups, and deleting what is old."""
