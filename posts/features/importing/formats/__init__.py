"""CSV and JSON files of posts: reading them into rows, and writing them."""
