"""Previews of posts in the shapes of the published clients."""

from drf_spectacular.utils import extend_schema, extend_schema_view

from posts.api.compat.posts import Warned
from posts.api.compat.serializers.fields import PlainIds
from posts.api.compat.serializers.inputs import CreatePostSerializer
from posts.features.preview import api


@extend_schema_view(post=extend_schema(request=CreatePostSerializer))
class PostPreview(Warned, PlainIds, api.PostPreview):
    new: type[CreatePostSerializer] = CreatePostSerializer
