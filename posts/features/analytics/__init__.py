"""How many posts and destinations are in which state, and what the networks say of them."""
