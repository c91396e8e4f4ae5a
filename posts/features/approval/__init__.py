"""People ask for the approval of posts, and decide: `requests`, `decisions`.

`missed` ends the waiting of posts whose time has passed. What an approval means for composing and
publishing is `posts.features.approval.state`.
"""
