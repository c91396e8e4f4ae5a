"""Connect imports to the core."""

from posts.composing.extensions.lifecycle import RestoreListener
from posts.features.importing import imports
from posts.features.importing.models import Import

RESTORED = (
    "The database was restored from an earlier state. Rows that have no result here may have been "
    "imported before, and be public: look, and send what is missing as a new file."
)


class Imports(RestoreListener):
    """Rows of an import may have been made in the time that was lost."""

    def after_restore(self) -> None:
        """Make no more rows of the imports that are under way."""
        for job in Import.objects.filter(due_at__isnull=False, is_dry_run=False):
            imports.end(job.pk, Import.Status.STOPPED, RESTORED)


HOOKS = (Imports(),)
