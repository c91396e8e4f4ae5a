from posts.models.api_key import ApiKey
from posts.models.kept_answer import KeptAnswer
from posts.models.media import Media
from posts.models.post import Post, PostMedia
from posts.models.variant import Variant
from posts.models.workspace import Workspace

__all__ = ["ApiKey", "KeptAnswer", "Media", "Post", "PostMedia", "Variant", "Workspace"]
