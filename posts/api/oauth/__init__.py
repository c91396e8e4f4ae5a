"""OAuth over HTTP: documents, registration, tokens, revocation, and the way to the consent page.

What it says is in the words of its specifications, not in the API's envelope.
"""
