from django.contrib.postgres.fields import ArrayField
from django.db import models


class LinkSettings(models.Model):
    """Rules for the links in a workspace's posts, or in those of one campaign."""

    workspace = models.ForeignKey("posts.Workspace", models.CASCADE, related_name="link_settings")
    #: Null: of the whole workspace.
    campaign = models.ForeignKey(
        "posts.Campaign", models.CASCADE, null=True, blank=True, related_name="link_settings"
    )
    #: Hosts whose links get parameters, in lower case; their subdomains too.
    domains = ArrayField(models.CharField(max_length=253), default=list, blank=True)
    #: UTM parameters by their names without `utm_`; values may have placeholders.
    utm = models.JSONField(default=dict, blank=True)
    #: Whether posts that do not say get short links.
    shorten = models.BooleanField(default=False)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "link settings"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "campaign"], name="link_settings_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign or self.workspace}"


class PostShortening(models.Model):
    """A post's own choice about its links; without a row its settings decide."""

    post = models.OneToOneField("posts.Post", models.CASCADE, primary_key=True, related_name="+")
    shorten = models.BooleanField()

    def __str__(self) -> str:
        return "short links" if self.shorten else "no short links"


class ShortLink(models.Model):
    """A link of one destination, under an address of ours.

    It outlives its post: what is public may be clicked for years. So it names no row that could be
    deleted.
    """

    code = models.CharField(max_length=16, primary_key=True)
    workspace = models.ForeignKey(
        "posts.Workspace", models.CASCADE, related_name="+", db_index=False
    )
    post_id = models.UUIDField(db_index=True)
    account_number = models.BigIntegerField()
    platform = models.CharField(max_length=20)
    url = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "created_at"], name="short_link_newest"),
        ]

    def __str__(self) -> str:
        return self.code


class LinkClicks(models.Model):
    """The number of times a short link was followed on one day, in UTC."""

    link = models.ForeignKey(ShortLink, models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    clicks = models.BigIntegerField(default=0)
    #: By programs that say so: previewers and crawlers.
    bots = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "link clicks"
        constraints = [models.UniqueConstraint(fields=["link", "day"], name="link_clicks_once")]

    def __str__(self) -> str:
        return f"{self.link_id} on {self.day}"
