"""Hashtags: sets of them, a workspace's defaults, and what a post takes of both.

Nothing here knows drafts; `posts.composing.hashtags` adds them to what each account publishes.
"""
