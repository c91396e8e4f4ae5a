from django.db import models


class IdempotencyRecord(models.Model):
    """The recorded answer to a request, replayed when the request is sent again."""

    api_key = models.ForeignKey("posts.ApiKey", models.CASCADE, related_name="+")
    #: The caller's name for the request.
    idempotency_key = models.CharField(max_length=255)
    #: SHA-256 of method, address and body, hex.
    fingerprint = models.CharField(max_length=64)
    #: Encrypted: an answer may hold a link that lets its reader connect an account.
    answer = models.TextField()
    #: The request that was answered first.
    request_id = models.CharField(max_length=40)
    #: From then on the same key names a new request.
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "posts_keptanswer"
        constraints = [
            models.UniqueConstraint(fields=["api_key", "idempotency_key"], name="answer_kept_once"),
        ]
        indexes = [models.Index(fields=["expires_at"], name="answer_expires")]

    def __str__(self) -> str:
        return f"answer to {self.request_id}"
