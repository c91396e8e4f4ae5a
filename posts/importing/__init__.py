"""Posts from files, and files of posts: CSV and JSON.

`files.py` reads a file into rows, `rows.py` tells rows apart, `create_post.py` makes the post of
one through `posts.composing` and notes it in the same transaction, so that no row is imported
twice.
"""
