"""Delete public posts from their networks, when a person or a program asks for it.

The promise: every deletion that was asked for ends, as deleted, already gone, not supported or
failed, and nothing else is deleted. The intent is a row, committed before any call
(`deletion_request`): what is to go, part by part, and who asked. A network is asked to delete only
an id that it gave to a call of ours, or that it shows as the account's own.

Unlike publishing, deleting may be repeated: a post that is gone cannot be deleted twice. So after a
crash, a lost answer or a wiped Redis the row is due again and the network is asked again; what an
earlier call deleted is already gone then. No lease is checked at the connection, and nothing is
looked up first.

A post is deleted here only once everything that was to go from its networks is gone; the rows stay
and say what is public without a post. Pauses do not hold deletions. A deletion's rate limit holds
the account's other deletions and not its posts, because networks count the two apart.
"""
