from django.db import models

from posts.models.indexes import where_set


class ApiRequest(models.Model):
    """One request of the API, kept for REQUEST_LOG_DAYS. No body, no header, no secret.

    Rows are in the order in which they were written: about that of their times.
    """

    #: When it arrived.
    at = models.DateTimeField()
    method = models.CharField(max_length=10)
    #: `/api/v1/posts/{post_id}`; empty for a path that is no endpoint.
    route = models.CharField(max_length=120, blank=True)
    #: Without the query, and without what may be a secret (posts/features/request_log/recorder.py).
    path = models.CharField(max_length=200)
    status = models.PositiveSmallIntegerField()
    duration_ms = models.FloatField()
    request_id = models.CharField(max_length=40)
    #: One of the API's codes; empty unless it was refused.
    error_code = models.CharField(max_length=40, blank=True)
    #: Null: it came with no key that we know. No constraint, so that deleting a key or a workspace
    #: reads no log, and so that a row that is written later breaks nothing.
    api_key = models.ForeignKey(
        "posts.ApiKey",
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    #: `pe_live_4f3c`; also of a key that does not exist, if it has our form.
    key_prefix = models.CharField(max_length=16, blank=True)
    workspace = models.ForeignKey(
        "posts.Workspace",
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        verbose_name = "API request"
        indexes = [
            where_set("api_key", "api_key", "-id", name="request_of_key"),
            where_set("workspace", "workspace", "-id", name="request_of_workspace"),
            models.Index(fields=["request_id"], name="request_by_id"),
            models.Index(
                fields=["-id"], condition=models.Q(status__gte=400), name="request_refused"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path}: {self.status}"
