"""Campaigns: names under which a workspace collects posts.

What puts a post into one is in `posts.composing`.
"""
