"""Extend the lease of a claim at each step of a worker.

A step extends it only if less than two thirds are left, because `due_at` is a key of an index: an
update that changes none of those is HOT, and writes no index at all.
"""

#: The new `due_at` of a claimed row `d`, for a lease of %(lease)s.
EXTENDED = """CASE
    WHEN d.due_at BETWEEN statement_timestamp() + %(lease)s::interval * 2 / 3
        AND statement_timestamp() + %(lease)s::interval
    THEN d.due_at ELSE statement_timestamp() + %(lease)s::interval END"""

#: Seconds until the lease of a row `d` ends.
LEFT = "extract(epoch FROM d.due_at - statement_timestamp())::float"
