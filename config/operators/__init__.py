"""Operators of the admin: logins, lockout, second factors, sessions.

No rules about posts, and no pages but those of logging in.
"""
