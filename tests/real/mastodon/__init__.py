"""Mastodon's API: snac, a server of its own making, beside the simulator set to behave like it.

Mastodon itself, Pixelfed, GoToSocial and Akkoma are no packages: what Dovecote asks of them, and
snac lacks, is proven on the simulator alone.
"""
