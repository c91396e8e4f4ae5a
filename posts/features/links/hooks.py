"""Connect links to the core: rewrite the links of a post for each of its accounts."""

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from destinations import public_ids
from destinations.runtime import clock
from posts.composing.extensions.text_steps import NewText, TextChange, Texts, TextStep
from posts.composing.freeze import Content, Target
from posts.errors import invalid
from posts.features.links import rules, short_links, text_urls
from posts.features.links.models import PostShortening, ShortLink
from posts.features.links.rules import LinkSetting, Rules
from posts.models import Campaign, Post

#: Options of networks that are texts with links, or links.
TEXTS = ("thread", "firstComment", "link", "linkAttachment", "linkDescription")
#: A network refuses longer ones; they stay as they are.
TEXT_CHARS, LIST_ITEMS = 250_000, 100
#: The most links of one text, and of all texts of all accounts of a post.
TEXT_LINKS, POST_LINKS = 100, 5_000
#: The longest link that is rewritten; a rewritten post has at most so many characters, all accounts
#: together.
LINK_CHARS, POST_CHARS = 4_096, 6_000_000


@dataclass(slots=True)
class LinkRewriter:
    """Rewrite the links of one post. `made` collects the new short links."""

    workspace_id: uuid.UUID
    post_id: uuid.UUID
    rules: Rules
    shorten: bool
    campaign: str = ""
    #: Codes that the post has already, by account number and link.
    codes: dict[tuple[int, str], str] = field(default_factory=dict)
    made: list[ShortLink] = field(default_factory=list)
    #: Each text in pieces: accounts share it.
    _pieces: dict[str, list[str]] = field(default_factory=dict)
    _links: int = 0
    _chars: int = 0

    def rewrite(self, content: Content, target: Target) -> Content:
        """Return the content as this account publishes it. Raises RequestRefused for too much."""
        text = partial(self._text, partial(self._link, target, self._parameters(target)))
        own = content.platform_content.get(target.platform)
        written = {**content.platform_content, target.platform: _own(own, text)} if own else {}
        return replace(
            content,
            text=text(content.text),
            platform_content=written or content.platform_content,
        )

    def store(self) -> None:
        """Store the new short links, in the transaction of the post."""
        short_links.store(self.made)

    def _parameters(self, target: Target) -> Mapping[str, str]:
        values = {
            "platform": target.platform,
            "account": target.name.removeprefix("@"),
            "campaign": self.campaign,
            "post_id": public_ids.encode(public_ids.POST, self.post_id),
        }
        return rules.filled(self.rules.utm, values)

    def _text(self, by: Callable[[str], str], text: str) -> str:
        """Return the text with each link replaced by what `by` makes of it."""
        if len(text) > TEXT_CHARS:
            return text
        if text not in self._pieces:
            self._pieces[text] = text_urls.pieces(text)
        pieces = self._pieces[text]
        count = len(pieces) // 2
        if count > TEXT_LINKS:
            raise invalid(
                "content",
                f"A text whose links are rewritten has at most {TEXT_LINKS} of them; this one has "
                f"{count}.",
            )
        if not count:
            return text
        self._links += count
        self._chars += len(text)
        if self._links > POST_LINKS or self._chars > POST_CHARS:
            raise invalid(
                "account_ids",
                "These are too many links, or too long texts, for so many accounts; post to fewer "
                "accounts at a time.",
            )
        return "".join(by(piece) if at % 2 else piece for at, piece in enumerate(pieces))

    def _link(self, target: Target, parameters: Mapping[str, str], link: str) -> str:
        if self.rules.has_parameters and text_urls.is_within(link, self.rules.domains):
            link = text_urls.with_parameters(_bounded(link), parameters)
        if not self.shorten or short_links.is_short(link):
            return link
        key = (target.number, _bounded(link))
        if key not in self.codes:
            self.codes[key] = short_links.new_code()
            self.made.append(self._row(self.codes[key], target, link))
        return rules.short_url(self.codes[key])

    def _row(self, code: str, target: Target, link: str) -> ShortLink:
        return ShortLink(
            code=code,
            workspace_id=self.workspace_id,
            post_id=self.post_id,
            account_number=target.number,
            platform=target.platform,
            url=link,
            created_at=clock.now(),
        )


def _bounded(link: str) -> str:
    if len(link) > LINK_CHARS:
        raise invalid(
            "content",
            f"A link that is shortened or gets parameters has at most {LINK_CHARS} characters.",
        )
    return link


def _own(own: Mapping[str, Any], text: Callable[[str], str]) -> dict[str, Any]:
    """Return what differs on the account's platform, with its links rewritten."""
    written = dict(own)
    if "content" in own:
        written["content"] = text(own["content"])
    if "settings" in own:
        written["settings"] = {
            name: _option(value, text) if name in TEXTS else value
            for name, value in own["settings"].items()
        }
    return written


def _option(value: Any, text: Callable[[str], str]) -> Any:
    """Return what is of another type is refused when the draft is frozen."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list) and len(value) <= LIST_ITEMS:
        return [text(each) if isinstance(each, str) else each for each in value]
    return value


def _of_new(
    workspace_id: uuid.UUID, post_id: uuid.UUID, campaign_id: int | None, shorten: bool | None
) -> LinkRewriter | None:
    """Return what is done to the links of a new post; None if nothing is."""
    found = rules.rules_for(workspace_id, campaign_id)
    is_shortening = found.shorten if shorten is None else shorten
    if not found.has_parameters and not is_shortening:
        return None
    campaign = _campaign_name(found, workspace_id, campaign_id)
    return LinkRewriter(workspace_id, post_id, found, is_shortening, campaign)


def _of_stored(
    workspace_id: uuid.UUID, post_id: uuid.UUID, campaign_id: int | None
) -> LinkRewriter | None:
    """Return the rewriter for a post that is changed; it keeps the short links that it has."""
    linking = _of_new(workspace_id, post_id, campaign_id, _asked_to_shorten(post_id))
    if linking is not None and linking.shorten:
        linking.codes = short_links.of_post(post_id)
    return linking


def _asked_to_shorten(post_id: uuid.UUID) -> bool | None:
    """Return what the post itself says of shortening; None: its settings decide."""
    return PostShortening.objects.filter(pk=post_id).values_list("shorten", flat=True).first()


def _say(post_id: uuid.UUID, shorten: bool | None) -> None:
    """Keep what the post itself says; None: its settings decide."""
    if shorten is None:
        PostShortening.objects.filter(pk=post_id).delete()
    else:
        PostShortening.objects.update_or_create(pk=post_id, defaults={"shorten": shorten})


def _campaign_name(found: Rules, workspace_id: uuid.UUID, campaign_id: int | None) -> str:
    is_named = any("{campaign}" in value for value in found.utm.values())
    if not is_named or campaign_id is None:
        return ""
    mine = Campaign.objects.filter(workspace=workspace_id, pk=campaign_id)
    return mine.values_list("name", flat=True).first() or ""


class RewriteLinks(TextStep):
    def of_new(self, new: NewText) -> TextChange | None:
        found = _of_new(new.workspace_id, new.post_id, new.campaign_id, new.shorten_links)
        if found is None and new.shorten_links is None:
            return None
        return RewrittenLinks(new.post_id, found, new.shorten_links)

    def of_changed(self, post: Post, changes: Mapping[str, Any]) -> TextChange | None:
        if "shorten_links" in changes:
            _say(post.pk, changes["shorten_links"])
        found = _of_stored(post.workspace_id, post.pk, post.campaign_id)
        return RewrittenLinks(post.pk, found) if found else None

    def repeated(self, post: Post) -> Mapping[str, Any]:
        return {"shorten_links": _asked_to_shorten(post.pk)}


@dataclass(frozen=True, slots=True)
class RewrittenLinks(TextChange):
    """`said`: what a new post says of shortening; None: nothing, or it is stored already."""

    post_id: uuid.UUID
    rewriter: LinkRewriter | None
    said: bool | None = None

    stores = True

    def rewrite_links(self, texts: Texts, targets: Collection[Target]) -> Texts:
        if self.rewriter is None:
            return texts
        found = {each.number: self.rewriter.rewrite(texts.on(each), each) for each in targets}
        return texts._replace(by_account=found)

    def store(self) -> None:
        if self.rewriter:
            self.rewriter.store()
        if self.said is not None:
            _say(self.post_id, self.said)


HOOKS = (RewriteLinks(), LinkSetting())
