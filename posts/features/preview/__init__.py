"""Preview posts: cards for a request that is not stored, and for a post.

`render.py` is the entrance. What is sent comes from frozen drafts, what is wrong with it from
`posts.composing.validate`, and what readers see of it from each network's `preview.py`.
"""
