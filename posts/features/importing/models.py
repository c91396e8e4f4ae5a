import uuid

from django.db import models

from posts.models.indexes import where_set


class Import(models.Model):
    """A file of posts that workers make, some rows at a time."""

    class Status(models.TextChoices):
        PROCESSING = "processing"
        COMPLETED = "completed"
        CANCELLED = "cancelled"
        #: It cannot go on; `reason` says why.
        STOPPED = "stopped"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: `import_newest` serves as its index.
    workspace = models.ForeignKey(
        "posts.Workspace", models.CASCADE, related_name="imports", db_index=False
    )
    #: In whose name posts are made, and within whose reach; null: it was deleted.
    key = models.ForeignKey("posts.ApiKey", models.SET_NULL, null=True, related_name="+")
    #: The author of the posts, as their history names it.
    by = models.CharField(max_length=60)
    request_id = models.CharField(max_length=60, blank=True)
    filename = models.CharField(max_length=255, blank=True)
    #: SHA-256 of the file's bytes, hex.
    digest = models.CharField(max_length=64)
    #: The customer's word for a deliberate repetition; rows are told apart by it.
    again = models.CharField(max_length=100, blank=True)
    #: Rows are validated, and no posts are made.
    is_dry_run = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PROCESSING)
    reason = models.TextField(blank=True)
    warnings = models.JSONField(default=list)
    total = models.PositiveIntegerField()
    #: Rows with a result, counted after each step.
    done = models.PositiveIntegerField(default=0)
    valid = models.PositiveIntegerField(default=0)
    #: When a worker may work on it: now, after a pause, or when another worker's lease ends.
    #: Null once it has ended.
    due_at = models.DateTimeField(null=True, blank=True)
    #: Identifies the worker that holds the lease.
    claim = models.UUIDField(null=True, blank=True)
    #: Leases that began since a row was last done.
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # One file sent twice at once is one import.
            models.UniqueConstraint(
                fields=["workspace", "key", "digest", "again", "is_dry_run"],
                condition=models.Q(due_at__isnull=False),
                name="import_once_at_once",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "-created_at", "id"], name="import_newest"),
            models.Index(fields=["-created_at", "id"], name="import_created"),
            where_set("due_at", name="import_due"),
        ]

    def __str__(self) -> str:
        return self.filename or str(self.id)

    @property
    def invalid(self) -> int:
        return self.done - self.valid

    @property
    def is_over(self) -> bool:
        return self.due_at is None


class ImportRow(models.Model):
    """One row of an import, and what became of it."""

    #: `import_row_once` serves as its index.
    source = models.ForeignKey(Import, models.CASCADE, related_name="rows", db_index=False)
    #: Its place in the file, from 1; a header is not counted.
    number = models.PositiveIntegerField()
    #: The body of POST /posts, with `media_urls` and names that are still to be looked up.
    body = models.JSONField(null=True, blank=True)
    #: The digest that tells it from every other row of the workspace; see `formats.rows`.
    digest = models.BinaryField(max_length=32)
    #: Why it cannot be read; blank if it can.
    problem = models.TextField(blank=True)
    is_done = models.BooleanField(default=False)
    is_ok = models.BooleanField(default=False)
    #: An earlier import made the post.
    is_known = models.BooleanField(default=False)
    post_id = models.UUIDField(null=True, blank=True)
    #: [{field, code, message}]
    errors = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="import_row_once"),
        ]
        indexes = [
            models.Index(
                fields=["source", "number"],
                condition=models.Q(is_done=False),
                name="import_row_waiting",
            ),
            models.Index(
                fields=["source", "number"],
                condition=models.Q(is_done=True, is_ok=False),
                name="import_row_refused",
            ),
        ]

    def __str__(self) -> str:
        return f"row {self.number}"


class ImportFile(models.Model):
    """A file that rows of an import name by its URL: it is fetched once for all of them."""

    source = models.ForeignKey(Import, models.CASCADE, related_name="files", db_index=False)
    url = models.TextField()
    #: SHA-256 of the URL, hex: URLs are too long for an index.
    digest = models.CharField(max_length=64)
    #: Null: it was deleted meanwhile.
    media = models.ForeignKey("posts.Media", models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "digest"], name="import_file_once"),
        ]

    def __str__(self) -> str:
        return self.digest[:8]


class ImportedRow(models.Model):
    """A row that was imported into a workspace, and its post: it is never imported again.

    Written in the transaction that makes the post, and kept when the post or the import is deleted.
    """

    #: `imported_once` serves as its index.
    workspace = models.ForeignKey(
        "posts.Workspace", models.CASCADE, related_name="+", db_index=False
    )
    digest = models.BinaryField(max_length=32)
    #: Never null; older releases wrote it last.
    post_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "digest"], name="imported_once"),
        ]

    def __str__(self) -> str:
        return str(self.post_id)
