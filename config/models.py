"""Operators' identities beside Django's users, and incidents."""

from django.conf import settings
from django.db import models
from django.utils.text import Truncator

#: Of an incident's title; its page has the whole sentence.
TITLE_CHARS = 48


class Identity(models.Model):
    """Who an operator is at the provider of single sign-on (config/operators/sso)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="identity")
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_user_per_identity"),
        ]
        verbose_name_plural = "identities"

    def __str__(self) -> str:
        return f"{self.subject} at {self.issuer}"


class Incident(models.Model):
    """Something that was wrong: since when, what to do, and until when (`config.incidents`)."""

    class Level(models.TextChoices):
        PROBLEM = "problem", "Problem"
        WARNING = "warning", "Warning"
        #: Only one customer's own server is the cause.
        NOTICE = "notice", "Notice"

    #: The fact that found it, and what it is about.
    cause = models.CharField(max_length=200)
    level = models.CharField(max_length=10, choices=Level.choices)
    said = models.TextField("what is wrong")
    remedy = models.TextField("what to do", blank=True)
    #: At its worst: the posts that waited, their accounts and workspaces.
    posts = models.PositiveIntegerField(default=0, db_default=0)
    accounts = models.PositiveIntegerField(default=0, db_default=0)
    workspaces = models.PositiveIntegerField(default=0, db_default=0)
    #: Now, and when people were told last: what it is about (posts, accounts …), and workspaces.
    now_count = models.PositiveIntegerField(default=0, db_default=0)
    now_workspaces = models.PositiveIntegerField(default=0, db_default=0)
    told_count = models.PositiveIntegerField(default=0, db_default=0)
    told_workspaces = models.PositiveIntegerField(default=0, db_default=0)
    opened_at = models.DateTimeField("began")
    #: When it was last found.
    seen_at = models.DateTimeField()
    closed_at = models.DateTimeField("over", null=True, blank=True)
    #: What people were told last, a level or `over`, and when.
    told = models.CharField("told as", max_length=10, blank=True)
    told_at = models.DateTimeField("told", null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cause"],
                condition=models.Q(closed_at__isnull=True),
                name="incident_once_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["closed_at"], name="incident_closed")]

    def __str__(self) -> str:
        return Truncator(self.said).chars(TITLE_CHARS)

    @property
    def fact(self) -> str:
        return self.cause.partition(":")[0]

    @property
    def about(self) -> str:
        return self.cause.partition(":")[2]
