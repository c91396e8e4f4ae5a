from django.db import models


class StoredFile(models.Model):
    """A storage key that was written or abandoned recently.

    The row is stored before the bytes, and checked a day later: bytes that no file names by then
    are deleted. So a process that dies between the two leaves nothing behind permanently.
    """

    key = models.CharField(max_length=300)
    #: The file it was meant for.
    media_id = models.UUIDField()
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
