"""A standby of PostgreSQL (DATABASE_REPLICA_URL) that answers lists in place of the primary.

Lists are most of what is read and may be a little old. Everything else stays on the primary: single
objects, authentication, all that a transaction reads and writes, workers.

`reading.read` is the one way to the standby. It takes the standby only if that has all that was
committed DATABASE_REPLICA_MAX_LAG_SECONDS ago, and everything that this workspace or operator has
written; otherwise, and when anything fails, the primary answers. So customers and operators find in
lists what they wrote themselves; what others wrote (workers, operators) may be missing for so many
seconds.
"""
