"""Keep the state of approval, as far as composing and publishing must know it.

A post that is not approved has destinations without a due time, so that nothing can claim them.
`edits` says what is approved and what an edit means for it, `record` writes what
happened. `posts.features.approval.hooks` gives it to composing.

Locks are taken in one order: destinations, then their post, then its approval.
"""
