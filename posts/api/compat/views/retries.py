"""Retries, in the shapes of the published clients."""

from drf_spectacular.utils import extend_schema, extend_schema_view

from posts.api.compat.serializers import inputs, posts, retries
from posts.api.compat.uuids import PlainIds
from posts.api.views.posts import retries as reference


@extend_schema_view(
    retry=extend_schema(responses=retries.RetriedSerializer),
    resolve=extend_schema(responses=posts.DestinationResultSerializer),
    retry_failed=extend_schema(
        request=inputs.RetryFailedSerializer, responses=retries.RetriedFailedSerializer
    ),
)
class RetryViewSet(PlainIds, reference.RetryViewSet):
    filters: type[inputs.RetryFailedSerializer] = inputs.RetryFailedSerializer
    retried: type[retries.RetriedSerializer] = retries.RetriedSerializer
    resolved: type[posts.DestinationResultSerializer] = posts.DestinationResultSerializer
    retried_failed: type[retries.RetriedFailedSerializer] = retries.RetriedFailedSerializer
