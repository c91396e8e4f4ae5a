"""The approval of a post, and its share links, on its page."""
