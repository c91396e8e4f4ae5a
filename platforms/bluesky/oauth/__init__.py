"""OAuth of the AT Protocol: an account's owner consents on the page of the account's server."""
