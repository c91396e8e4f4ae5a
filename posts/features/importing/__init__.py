"""Posts from files, and files of posts.

`formats` reads a file into rows and tells rows apart, `row_posts` makes the post of one through
`posts.composing` and notes it in the same transaction, so that no row is imported twice. Small
files are imported within the request (`inline`), larger ones by workers (`imports`, `worker`).
"""
