"""What features implement, so that composing imports none of them."""
