"""Where posts stand with their approval, as far as composing and publishing must know.

A post that is not approved has destinations without a due time, so that nothing can claim them.
`unapproved` says which posts these are, `edits` what an edit means for an approval, `versions` what
is approved, `record` writes what happened. How people ask and decide: `posts.features.approval`.

Locks are taken in one order: destinations, then their post, then its approval.
"""
