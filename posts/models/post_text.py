from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper


class PostText(models.Model):
    """What a search looks through: a post's content, kept in step by a trigger of the database.

    It has a table of its own because every move rewrites the post's row and all that its indexes
    hold of it; of this index that would cost more than the move itself.
    """

    post = models.OneToOneField(
        "posts.Post", models.CASCADE, primary_key=True, related_name="searched"
    )
    text = models.TextField()

    class Meta:
        indexes = [
            # As a search for letters of any case asks for it.
            GinIndex(OpClass(Upper("text"), name="gin_trgm_ops"), name="post_text"),
        ]

    def __str__(self) -> str:
        return f"text of {self.post_id}"
