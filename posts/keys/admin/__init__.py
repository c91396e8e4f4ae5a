"""API keys, and the programs that ask operators for one."""

from posts.keys.admin import api_key, programs

__all__ = ["api_key", "programs"]
