from django.db import models


class StoredFile(models.Model):
    """A place in the storage that was written to, or given up, lately.

    Written before the bytes are, and looked at once, a day later: whatever no file names by then
    is deleted. So a process that dies between storing and writing down leaves nothing for ever.
    """

    key = models.CharField(max_length=300)
    #: The file it was meant for.
    media_id = models.UUIDField()
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
