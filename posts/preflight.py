"""Whether each network can carry a post, before anything is stored."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from destinations import waiting
from platforms import drafts, judging
from platforms.base import Adapter
from platforms.errors import Unsupported
from posts import freezing
from posts.freezing import Content, Frozen, Target
from posts.refusals import Code, Refused, invalid


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a network cannot carry the post. `details` are what a program may want to know."""

    code: Code
    message: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one account would get. No draft: its options could not be read."""

    target: Target
    frozen: Frozen | None = None
    problems: tuple[Problem, ...] = ()
    #: The post is taken, and this destination will fail as it is.
    warnings: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What is done so that it fits, and what it has to wait for."""
        made = self.frozen.notes + _to_be_made(self.frozen.draft) if self.frozen else ()
        target, until = self.target, self.target.limited_until
        return (*made, waiting.limit(target.platform, target.name, until)) if until else made


def judge(content: Content, targets: Collection[Target]) -> list[Verdict]:
    """A verdict for each target, in their order."""
    return [_judge(content, target) for target in targets]


def require(verdicts: Collection[Verdict]) -> dict[int, Frozen]:
    """The drafts by account number. Raises Refused, naming every problem, if there is one."""
    for code in ("content_too_long", "post_creation_failed"):
        found = [p for verdict in verdicts for p in verdict.problems if p.code == code]
        if found:
            raise _refused(code, found)
    return {v.target.number: v.frozen for v in verdicts if v.frozen}


def check_platforms(platform_content: Mapping[str, Any], targets: Collection[Target]) -> None:
    """Raises Refused for a platform that no account of the post belongs to."""
    wanted = {target.platform for target in targets}
    for platform in platform_content:
        if platform not in wanted:
            raise invalid(
                f"platform_content.{platform}", "No account of this post is on that platform."
            )


def _to_be_made(draft: drafts.Draft) -> tuple[str, ...]:
    return tuple(
        f"{item.filename} will be sent without its metadata, such as place, device and time."
        if item.form.is_bare
        else f"{item.filename} will be sent in another form: {judging.described(item.form)}."
        for item in draft.media
        if item.form
    )


def _refused(code: Code, problems: Collection[Problem]) -> Refused:
    told = list({p.message: {**p.details, "message": p.message} for p in problems}.values())
    if code == "content_too_long":
        told.sort(key=lambda problem: str(problem["platform"]))
    message = " ".join(str(problem["message"]) for problem in told)
    prefix = "content: " if code == "content_too_long" else ""
    return Refused(code, prefix + message, validation_errors=told)


def _judge(content: Content, target: Target) -> Verdict:
    adapter = target.adapter
    try:
        frozen = freezing.freeze(content, adapter)
    except Unsupported as error:
        return Verdict(target, problems=(_unfit(target, error.message),))
    draft = frozen.draft
    problems = _too_long(adapter, draft)
    if adapter.limits_for(draft).media_required and not draft.media:
        # Accepted all the same: that destination alone will fail.
        return Verdict(target, frozen, problems, (f"{adapter.name} takes no post without a file.",))
    if not problems:
        try:
            adapter.check(draft)
        except Unsupported as error:
            problems = (_unfit(target, error.message),)
    return Verdict(target, frozen, problems)


def _unfit(target: Target, message: str) -> Problem:
    details = {"account_id": target.number, "platform": target.platform}
    return Problem("post_creation_failed", f"{target.name}: {message}", details)


def _too_long(adapter: Adapter, draft: drafts.Draft) -> tuple[Problem, ...]:
    limits = adapter.limits_for(draft)
    length = adapter.text_length(unicodedata.normalize("NFC", draft.text))
    if length <= limits.text_chars:
        return ()
    details = {"platform": adapter.key, "limit": limits.text_chars, "length": length}
    message = f"{adapter.name} takes {limits.text_chars} {limits.text_unit}; this has {length}."
    return (Problem("content_too_long", message, details),)
