"""Record what people say through a share link."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from posts.composing.destinations import Author
from posts.errors import RequestRefused, invalid
from posts.features.approval import decisions, requests
from posts.features.approval.decisions import TO_CLIENT, ApprovalDecision, Judge
from posts.features.approval.models import Approval, ApprovalEvent, ShareLink
from posts.features.approval.state.record import Action, Actor

NAME_CHARS = 100
TEXT_CHARS = 2000
#: By the form's buttons.
ACTIONS = {
    "approve": Action.APPROVED,
    "changes": Action.CHANGES_REQUESTED,
    "reject": Action.REJECTED,
    "comment": Action.COMMENTED,
}
CLIENT = ApprovalEvent.Visibility.CLIENT


@dataclass(frozen=True, slots=True)
class ClientMessage:
    action: Action
    name: str
    text: str


def read(form: Mapping[str, str]) -> ClientMessage:
    """Raises RequestRefused."""
    action = ACTIONS.get(form.get("action", ""))
    name, text = _clean(form.get("name", "")), _clean(form.get("comment", ""))
    if action is None:
        raise invalid("action", "Choose one of the buttons.")
    if not name or len(name) > NAME_CHARS:
        raise invalid("name", f"Please give your name, in at most {NAME_CHARS} characters.")
    if len(text) > TEXT_CHARS:
        raise invalid("comment", f"At most {TEXT_CHARS} characters, please.")
    if not text and action != Action.APPROVED:
        raise invalid("comment", "Please say what you think in the comment.")
    return ClientMessage(action, name, text)


def say(link: ShareLink, said: ClientMessage, revision: str, stage: str) -> None:
    """Take it down, and let the post follow. Raises RequestRefused."""
    actor = Actor(f"link:{link.pk}", name=said.name)
    post = link.post
    if said.action == Action.COMMENTED:
        requests.comment(post.pk, post.workspace_id, actor, said.text, CLIENT)
        return
    with transaction.atomic():
        # Revoked in this moment, it decides nothing.
        held = ShareLink.objects.select_for_update().get(pk=link.pk)
        if held.state != "active" or not may_decide(held, stage):
            raise RequestRefused("conflict", "This link cannot decide about the post now.")
        judge = Judge(actor, frozenset({link.created_by}), stage, CLIENT)
        decision = ApprovalDecision(said.action, said.text, revision)
        decisions.decide(Author(post.workspace_id, actor.by), post.pk, judge, decision)


def may_decide(link: ShareLink, stage: str) -> bool:
    """Return where the client comes second, a link has no say in the first stage."""
    is_clients = link.post.workspace.approval_mode == TO_CLIENT
    return link.can_decide and (not is_clients or stage == Approval.Stage.CLIENT)


def _clean(text: str) -> str:
    return text.replace("\0", "").strip()
