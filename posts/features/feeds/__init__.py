"""RSS and Atom feeds whose new items become posts: reading them, and making the posts.

No HTTP answers here, and no rule of what a post may be.
"""
