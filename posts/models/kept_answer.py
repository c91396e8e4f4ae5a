from django.db import models


class KeptAnswer(models.Model):
    """What a request was answered, for whoever sends it again."""

    api_key = models.ForeignKey("posts.ApiKey", models.CASCADE, related_name="+")
    #: The caller's name for the request.
    idempotency_key = models.CharField(max_length=255)
    #: SHA-256 of what was asked, hex.
    fingerprint = models.CharField(max_length=64)
    #: Sealed by `vault`: an answer may hold a link that opens a door.
    answer = models.TextField()
    #: The request that was answered first.
    request_id = models.CharField(max_length=40)
    #: From then on the same key is a new one.
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["api_key", "idempotency_key"], name="answer_kept_once"),
        ]
        indexes = [models.Index(fields=["expires_at"], name="answer_expires")]

    def __str__(self) -> str:
        return f"answer to {self.request_id}"
