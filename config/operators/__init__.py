"""Operators of the admin: logins, lockout, single sign-on, second factors, sessions, roles.

No rules about posts, and no pages but those of logging in.
"""
