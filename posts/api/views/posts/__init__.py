"""Endpoints of posts and of what belongs to one."""
