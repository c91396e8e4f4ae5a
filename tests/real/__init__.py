"""Play the cases of a network's contract on its real server and on our simulator, and compare them.

`python -m tests.real` (`make real-networks`) installs the servers below `.dovecote/real`, starts
them, and ends with a table: network, server and version, cases, differences. A case fails if the
two answer differently in what our adapter reads, unless the difference is listed with its reason.
`live` and `servers` offer the servers to `tests.chaos`, whose scenarios `real-*` run on them.
"""
