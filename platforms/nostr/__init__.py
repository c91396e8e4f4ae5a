"""Nostr: notes, pictures and articles, signed with the account's key and sent to its relays."""
