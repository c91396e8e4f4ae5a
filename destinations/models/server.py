from django.db import models


class Server(models.Model):
    """A server of a network whose accounts live on many: our app there, and what it takes."""

    platform = models.CharField(max_length=20)
    host = models.CharField(max_length=260)
    #: JSON of the app that Dovecote registered there, encrypted (`accounts.encryption`); blank
    #: without one.
    app = models.TextField(blank=True)
    #: What the server takes, as `Adapter.read_server` told; empty until it has been read.
    limits = models.JSONField(default=dict, blank=True)
    #: When it is asked next.
    read_due_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["platform", "host"], name="server_once"),
        ]
        indexes = [models.Index(fields=["read_due_at"], name="server_read_due")]

    def __str__(self) -> str:
        return f"{self.platform} server {self.host}"
