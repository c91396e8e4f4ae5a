from posts.models.api_key import ApiKey
from posts.models.media import Media
from posts.models.post import Post, PostMedia
from posts.models.post_text import PostText
from posts.models.variant import Variant
from posts.models.workspace import Workspace

__all__ = ["ApiKey", "Media", "Post", "PostMedia", "PostText", "Variant", "Workspace"]
