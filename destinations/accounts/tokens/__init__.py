"""An account's tokens in the database.

The promise: one refresh at a time per account, over all processes, and no pair of tokens that a
network gave is lost to a race. Many networks' refresh tokens work once. So a process that refreshes
holds a lease, reads again what is stored, and stores the new pair before any process uses it. A
refusal marks the account only if the refused pair is still the one that is stored.
"""
