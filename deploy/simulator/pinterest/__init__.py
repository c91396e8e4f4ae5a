"""Pinterest: boards, and the Pins on them."""
