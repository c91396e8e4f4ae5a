"""Keys that tokens are bound to, and calls that prove them."""
