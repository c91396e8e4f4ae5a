"""Hashtags: sets of them, a workspace's defaults, and what a post takes of both.

`hooks` adds them to what each account publishes.
"""

#: Their customers' own, changed through the API.
RIGHTS = {"posts.hashtagset": ("view",)}
