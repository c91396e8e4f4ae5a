"""OAuth 2.1 for programs that operators connect, above all hosted agents that use /mcp.

A program registers itself, sends an operator's browser to the consent page, and exchanges the code
that comes back for tokens, with which it acts as an API key of one workspace.

The threats: anyone may register, so that says nothing about a client: rows and calls are bounded by
address and in number, and names are strangers' text. A code may be stolen or injected: it is bound
to client, redirect URI and PKCE verifier, works once and for a minute, and asked for again it ends
the grant. A refresh token may be stolen: each works once, and a later use of it ends the grant.
"""
