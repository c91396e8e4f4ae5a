"""Posts with files, composed and sent."""

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from destinations.models import Destination
from posts.media.probe.facts import Facts
from posts.models import Media
from tests.posts.conftest import data_of


def stored(ada, content: bytes, kind: str, filename: str, **facts) -> Media:
    known = {name: value for name, value in facts.items() if name in Facts.__dataclass_fields__}
    media = Media.objects.create(
        workspace=ada.workspace,
        kind=kind.partition("/")[0],
        content_type=kind,
        filename=filename,
        status="ready",
        size_bytes=len(content),
        has_metadata=False,
        **known,
    )
    media.storage_key = default_storage.save(f"{media.pk.hex}/file", ContentFile(content))
    media.save()
    return media


def compose(ada, x, *media: Media, **fields):
    body = {
        "content": "Look",
        "account_ids": [x.pk],
        "media_ids": [str(item.pk) for item in media],
        **fields,
    }
    return data_of(ada.post("/posts", body), 201)["post_id"]


def come_due() -> None:
    Destination.objects.update(due_at=timezone.now())


def files(settings) -> list[str]:
    return [path.name for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def row() -> Destination:
    return Destination.objects.get()
