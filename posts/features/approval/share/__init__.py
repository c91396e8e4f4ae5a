"""Share links: pages at which clients without a login see a post, and decide."""
