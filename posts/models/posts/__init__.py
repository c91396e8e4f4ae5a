"""Posts, their texts and links, and the decisions on them."""
