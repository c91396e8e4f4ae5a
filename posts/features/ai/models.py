from django.db import models


class AiUse(models.Model):
    """One call to the AI provider, and the credits it cost: the ledger that quotas are read from.

    Its row is made before the call, with the most it may cost, so that calls at the same time
    cannot spend the same credits. A call that ends without a result deletes it.
    """

    class Kind(models.TextChoices):
        CAPTION = "caption"
        IMAGE = "image"

    #: `ai_use_of_workspace` serves as its index.
    workspace = models.ForeignKey(
        "posts.Workspace", models.CASCADE, related_name="ai_uses", db_index=False
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    model = models.CharField(max_length=40, blank=True)
    credits = models.PositiveIntegerField()
    #: Whether the call has ended, and `credits` is what it cost.
    is_settled = models.BooleanField(default=False)
    #: `key:pe_live_4f3c`
    by = models.CharField(max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "AI call"
        indexes = [models.Index(fields=["workspace", "-created_at"], name="ai_use_of_workspace")]

    def __str__(self) -> str:
        return f"{self.kind} {self.created_at:%Y-%m-%d %H:%M}"
