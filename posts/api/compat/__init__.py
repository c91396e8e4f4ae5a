"""The compatibility mount: the API in the shapes that the published clients read.

Its answers are unions, in which every client finds its field. It is served below /compat/api/v1,
and at /api/v1 of the hosts in COMPAT_HOSTS. Views, serializers and input rules here inherit from
the reference mount's and hold only what differs; there are no rules about posts in either.
"""

from posts.api.mounts import is_compat

__all__ = ["is_compat"]
