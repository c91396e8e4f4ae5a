"""Links in posts: UTM parameters, short addresses of our own, and how often those are followed.

Nothing here knows posts; `posts.composing.links` applies it to what is frozen for each account.
"""
