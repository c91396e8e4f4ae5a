"""Make cards with the addresses of their files: of a request that is not stored, and of a post's
destinations.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.core.files.storage import default_storage

from destinations.access import Reach
from destinations.models import Account, Destination
from destinations.runtime import database
from platforms import drafts
from platforms.preview import shapes
from platforms.preview.shapes import Item
from platforms.preview.texts import Text
from platforms.registry import ADAPTERS
from posts.composing import validate
from posts.composing.freeze import Target
from posts.composing.validate import AccountValidation
from posts.errors import invalid
from posts.features.preview import cards
from posts.features.preview.cards import Card, CardContent, CardFile, Person, Words
from posts.models import Media

#: Larger pictures are shown by their thumbnails.
SMALL_BYTES = 1024**2
PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp")


@dataclass(frozen=True, slots=True)
class Seen:
    """The address of a file, and of a picture that shows it on a page; None: nowhere."""

    url: str | None = None
    picture_url: str | None = None


Addresses = Callable[[Media], Seen]


def signed(media: Media) -> Seen:
    """Links that anyone can open until they expire, as GET /media has them."""
    url = default_storage.url(media.public_key) if media.public_key else None
    if url and media.content_type in PICTURES and media.size_bytes <= SMALL_BYTES:
        return Seen(url, url)
    return Seen(url, default_storage.url(media.thumbnail_key) if media.thumbnail_key else None)


def rows(sent: Iterable[drafts.Draft]) -> Mapping[str, Media]:
    """Return the files of these drafts by storage key, in one query; deleted ones are missing."""
    keys = {item.key for draft in sent for item in draft.media if item.key and not item.deleted}
    if not keys:
        return {}
    found = Media.objects.filter(storage_key__in=keys).exclude(storage_key="")
    return {media.storage_key: media for media in found.select_related("workspace")}


#: The most that the drafts of one preview may hold together: an answer has about three times that.
MOST_BYTES = 1_000_000


def of_validations(
    reach: Reach, validations: Sequence[AccountValidation], addresses: Addresses = signed
) -> list[Card]:
    """Return cards of validations. Raises RequestRefused for more than one answer can hold."""
    if sum(each.frozen.stored_bytes for each in validations if each.frozen) > MOST_BYTES:
        raise invalid(
            "account_ids",
            f"This is too much to preview for {len(validations)} accounts; name fewer of them.",
        )
    # Accounts of a network share what is frozen, unless their links differ.
    apart = {id(each.frozen): each for each in validations}
    sent = {key: each.frozen.draft for key, each in apart.items() if each.frozen}
    renderer = _Renderer(rows(sent.values()), addresses)
    shown = {key: renderer.shown(apart[key].target.platform, sent[key]) for key in sent}
    people = _people(reach, [each.target.number for each in validations])
    return [
        _card(each, people.get(each.target.number), shown.get(id(each.frozen)))
        for each in validations
    ]


def previews(destinations: Sequence[Destination], addresses: Addresses = signed) -> list[Card]:
    """Return the cards of stored destinations, in their order, from their frozen drafts.

    One query for their files; `account` is best loaded with them. The caller bounds their number.
    """
    sent = [drafts.Draft.from_json(row.draft) for row in destinations]
    renderer = _Renderer(rows(sent), addresses)
    made = []
    for row, draft in zip(destinations, sent, strict=True):
        target = Target(row.account_number, row.account_name, row.platform)
        validation = validate.of_stored(target, draft, tuple(row.notes))
        person = _person(row.account) if row.account else None
        made.append(_card(validation, person, renderer.shown(row.platform, draft)))
    return made


def _card(validation: AccountValidation, person: Person | None, shown: CardContent | None) -> Card:
    frozen = validation.frozen
    return Card(
        account=person or _named(validation.target.name),
        post_type=frozen.draft.post_type if frozen else "",
        validation=validation,
        shown=shown,
    )


#: Of accounts that were found within the caller's reach.
PEOPLE = """
    SELECT id, name, display_name, avatar_url FROM destinations_account
    WHERE workspace_id = %s AND id = ANY(%s::bigint[])
"""


def _people(reach: Reach, numbers: Iterable[int]) -> dict[int, Person]:
    rows = database.execute_prepared(PEOPLE, (reach.workspace_id, list(numbers)))
    return {number: _named(*columns) for number, *columns in rows}


def _person(account: Account) -> Person:
    return _named(account.name, account.display_name, account.avatar_url)


def _named(name: str, display_name: str = "", avatar_url: str = "") -> Person:
    """Return name and handle; where the name is no handle, the name is all."""
    handle = name if name.startswith("@") else ""
    return Person(display_name or name.removeprefix("@"), handle, avatar_url)


@dataclass
class _Renderer:
    """Turns what a network shows into data, with the addresses of files."""

    rows: Mapping[str, Media]
    addresses: Addresses
    _seen: dict[str, Seen] = field(default_factory=dict)

    def shown(self, platform: str, draft: drafts.Draft) -> CardContent:
        found = ADAPTERS[platform].preview(draft)
        return CardContent(
            kind=found.kind,
            layout=found.layout,
            parts=tuple(self._part(part, found.most_items) for part in found.parts),
            text_below=found.text_below,
            title=_words(found.title) if found.title.whole else None,
            link_card=self._link_card(found.link_card),
            poll=found.poll,
            cover=self._cover(found.cover),
            first_comment=found.first_comment or None,
            visibility=found.visibility,
            labels=found.labels,
            left_out=found.left_out,
        )

    def _part(self, part: shapes.PreviewPart, most: int) -> cards.CardPart:
        media = tuple(map(self._file, part.items))
        visible = min(most, len(media)) if most else len(media)
        return cards.CardPart(_words(part.text), media, visible)

    def _file(self, item: Item) -> CardFile:
        sent = item.media
        row = self.rows.get(sent.key) if not sent.deleted else None
        seen = self._where(row) if row else Seen()
        return CardFile(
            media_id=str(row.pk) if row else None,
            kind=sent.kind,
            filename=sent.filename,
            alt_text=sent.alt_text,
            url=seen.url,
            picture_url=seen.picture_url,
            width=sent.width,
            height=sent.height,
            duration_seconds=sent.duration_seconds,
            pages=sent.pages,
            ratio=round(item.ratio, 4),
            fit=item.fit,
        )

    def _where(self, row: Media) -> Seen:
        if row.storage_key not in self._seen:
            self._seen[row.storage_key] = self.addresses(row)
        return self._seen[row.storage_key]

    def _link_card(self, card: shapes.LinkCard | None) -> cards.LinkCard | None:
        if card is None:
            return None
        image = self._file(shapes.in_frame(card.image, shapes.CINEMA)) if card.image else None
        return cards.LinkCard(card.url, _host(card.url), card.title, card.text, image)

    def _cover(self, cover: shapes.Cover | None) -> cards.Cover | None:
        if cover is None:
            return None
        picture = self._file(shapes.framed(cover.media)) if cover.media else None
        return cards.Cover(picture, cover.at_ms)


def _words(text: Text) -> Words:
    hidden = text.hidden
    return Words(text.whole, text.shown, hidden, text.fold.label if hidden else None)


def _host(url: str) -> str:
    """Return the address's host as cards show it; blank if it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
