"""Define what features implement, so that composing imports none of them."""
