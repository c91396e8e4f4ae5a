"""Checks whether each network accepts a post, before anything is stored."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from destinations.state import waiting
from platforms import drafts
from platforms.adapter import Adapter
from platforms.errors import CODES, Unsupported
from platforms.policy import media_checks
from platforms.text import is_blank
from posts.composing import freeze
from posts.composing.freeze import Content, Frozen, Target
from posts.errors import Code, RequestRefused, invalid

#: The code of what fails for want of a file.
MEDIA_REQUIRED = "media_required"
#: The limit for the drafts of one post; each account has its own copy.
MOST_STORED_BYTES = 6_000_000


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason why a network does not accept the post. `details` are for programs."""

    code: Code
    message: str
    details: Mapping[str, Any]


class ForeseenFailure(NamedTuple):
    """A reason why a destination will fail unless something is changed.

    The post is accepted nevertheless, unless this is so for all its destinations and can only be
    mended in the post.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class AccountValidation:
    """The draft that one account would be sent. Without a draft: its options are invalid."""

    target: Target
    frozen: Frozen | None = None
    problems: tuple[Problem, ...] = ()
    lacks_file: bool = False

    @property
    def foreseen(self) -> tuple[ForeseenFailure, ...]:
        found = []
        if self.lacks_file:
            message = f"{self.target.adapter.name} accepts no post without a file."
            found.append(ForeseenFailure(MEDIA_REQUIRED, message))
        if code := self.target.blocked:
            message = f"{self.target.name} cannot be posted to now. {CODES[code].to_do}"
            found.append(ForeseenFailure(code, message))
        return tuple(found)

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(each.message for each in self.foreseen)

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what is changed to fit the network, and what the destination has to wait for."""
        made = self.frozen.notes + _to_be_made(self.frozen.draft) if self.frozen else ()
        target, until = self.target, self.target.limited_until
        return (*made, waiting.limit_note(target.platform, target.name, until)) if until else made


def validate(
    content: Content,
    targets: Collection[Target],
    *,
    own_texts_do: bool = False,
    rewritten: Mapping[int, Content] | None = None,
) -> list[AccountValidation]:
    """Validate for each target, in their order; accounts that publish the same share the work.

    `rewritten`: what each account publishes instead, by its number, if that differs. Raises
    RequestRefused for a blank text in a post without files; with `own_texts_do` it may be blank if
    each network has a text of its own.
    """
    _check_shows(content, targets, own_texts_do=own_texts_do)
    found: dict[tuple[str, int, str], _NetworkValidation] = {}
    made = []
    for target in targets:
        sent = content if rewritten is None else rewritten[target.number]
        key = (target.platform, id(sent), repr(target.server))
        if key not in found:
            found[key] = _validate(sent, target)
        made.append(found[key].of(target))
    return made


def of_stored(target: Target, draft: drafts.Draft, notes: tuple[str, ...]) -> AccountValidation:
    """Return the validation of a draft that is frozen already, by the rules of today."""
    return _judged(Frozen(draft, notes), target.adapter).of(target)


def judged_together(
    validations: list[AccountValidation], *, is_draft: bool
) -> list[AccountValidation]:
    """Add problems to all validations if no network of the post takes it without a file.

    A draft may get its file later.
    """
    if is_draft or not all(each.lacks_file for each in validations):
        return validations
    return [_refusing_without_file(each) for each in validations]


def _refusing_without_file(validation: AccountValidation) -> AccountValidation:
    target = validation.target
    message = f"{target.name}: {target.adapter.name} accepts no post without a file."
    details = {
        "code": MEDIA_REQUIRED,
        "account_id": target.number,
        "platform": target.platform,
    }
    problem = Problem("post_creation_failed", message, details)
    return replace(validation, problems=(*validation.problems, problem), lacks_file=False)


def require(validations: Collection[AccountValidation]) -> dict[int, Frozen]:
    """Return the drafts by account number. Raises RequestRefused, which names every problem."""
    for code in ("content_too_long", "post_creation_failed"):
        found = [p for validation in validations for p in validation.problems if p.code == code]
        if found:
            raise _refused(code, found)
    frozen = {v.target.number: v.frozen for v in validations if v.frozen}
    if sum(each.stored_bytes for each in frozen.values()) > MOST_STORED_BYTES:
        raise invalid(
            "account_ids",
            f"A text this long for {len(frozen)} accounts is too much for one request; post to "
            "fewer accounts at a time.",
        )
    return frozen


def check_platforms(platform_content: Mapping[str, Any], targets: Collection[Target]) -> None:
    """Raise RequestRefused for a platform to which no account of the post belongs."""
    wanted = {target.platform for target in targets}
    for platform in platform_content:
        if platform not in wanted:
            raise invalid(
                f"platform_content.{platform}", "None of the post's accounts is on this platform."
            )


def _to_be_made(draft: drafts.Draft) -> tuple[str, ...]:
    return tuple(
        f"{item.filename} will be sent without its metadata, such as place, device and time."
        if item.form.is_bare
        else f"{item.filename} will be sent in another form: {media_checks.described(item.form)}."
        for item in draft.media
        if item.form
    )


def _refused(code: Code, problems: Collection[Problem]) -> RequestRefused:
    shown = list({p.message: {**p.details, "message": p.message} for p in problems}.values())
    if code == "content_too_long":
        shown.sort(key=lambda problem: str(problem["platform"]))
    message = " ".join(str(problem["message"]) for problem in shown)
    prefix = "content: " if code == "content_too_long" else ""
    return RequestRefused(code, prefix + message, validation_errors=shown)


@dataclass(frozen=True, slots=True)
class _NetworkValidation:
    """The validation that all accounts of a network share whose servers take the same."""

    frozen: Frozen | None = None
    too_long: Problem | None = None
    unfit: str = ""
    lacks_file: bool = False

    def of(self, target: Target) -> AccountValidation:
        found = [self.too_long] if self.too_long else []
        if unfit := self.unfit or self._unfit_for(target):
            details = {"account_id": target.number, "platform": target.platform}
            message = f"{target.name}: {unfit}"
            found.append(Problem("post_creation_failed", message, details))
        return AccountValidation(target, self.frozen, tuple(found), self.lacks_file)

    def _unfit_for(self, target: Target) -> str:
        if self.frozen is None or target.facts is None:
            return ""
        return target.adapter.unfit_for(self.frozen.draft, target.facts)


def _validate(content: Content, target: Target) -> _NetworkValidation:
    try:
        frozen = freeze.freeze(content, target.adapter, target.server)
    except Unsupported as error:
        return _NetworkValidation(unfit=error.message)
    return _judged(frozen, target.adapter)


def _judged(frozen: Frozen, adapter: Adapter) -> _NetworkValidation:
    draft = frozen.draft
    too_long = _too_long(adapter, draft)
    if adapter.limits_for(draft).media_required and not draft.media:
        # Not refused here: its other destinations may succeed.
        return _NetworkValidation(frozen, too_long, lacks_file=True)
    if not too_long:
        try:
            adapter.check(draft)
        except Unsupported as error:
            return _NetworkValidation(frozen, unfit=error.message)
    return _NetworkValidation(frozen, too_long)


def _too_long(adapter: Adapter, draft: drafts.Draft) -> Problem | None:
    limits = adapter.limits_for(draft)
    length = adapter.measure(draft.text, limits.text_chars)
    if length.count <= limits.text_chars:
        return None
    details = {"platform": adapter.key, "limit": limits.text_chars, "length": length.count}
    message = (
        f"{adapter.name} accepts {limits.text_chars} {limits.text_unit}; this text has {length}."
    )
    return Problem("content_too_long", message, details)


def _check_shows(content: Content, targets: Collection[Target], *, own_texts_do: bool) -> None:
    """Raise RequestRefused if the post has no files and a text of nothing but spaces."""
    if content.files:
        return
    own = {
        platform: part["content"]
        for platform, part in content.platform_content.items()
        if "content" in part
    }
    said = {f"platform_content.{platform}.content": text for platform, text in own.items()}
    is_needed = not own or any(target.platform not in own for target in targets)
    if is_needed or not own_texts_do:
        said = {"content": content.text, **said}
    for field, text in said.items():
        if is_blank(text):
            raise invalid(field, "This field may not be blank.")
