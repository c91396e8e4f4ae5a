"""Files and the work on them."""
