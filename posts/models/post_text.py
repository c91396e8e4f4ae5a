from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper


class PostText(models.Model):
    """The searchable text of a post, kept up to date by a database trigger.

    It has its own table because every move rewrites the post's row and its index entries; for this
    index that would cost more than the move itself.
    """

    post = models.OneToOneField(
        "posts.Post", models.CASCADE, primary_key=True, related_name="searched"
    )
    text = models.TextField()

    class Meta:
        indexes = [
            # Matches the SQL of a case-insensitive search.
            GinIndex(OpClass(Upper("text"), name="gin_trgm_ops"), name="post_text"),
        ]

    def __str__(self) -> str:
        return f"text of {self.post_id}"
