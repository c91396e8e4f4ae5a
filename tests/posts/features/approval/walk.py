"""What people, queues, workers and time can do to posts that need approval: one method each.

An act that finds nothing to act on does nothing. `approvals` is what people have said yes to: the
stages in which the version that a post has now was approved.
"""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from destinations import manual_retry
from destinations.dispatch import claims
from destinations.models import Destination
from destinations.runtime import clock
from destinations.state import transitions
from destinations.state.transitions import Change
from posts.composing import compose, consistency
from posts.composing.compose import NewPost
from posts.composing.destinations import Author
from posts.composing.queueing import IntoQueue
from posts.errors import RequestRefused
from posts.features.approval import decisions, edits, overdue
from posts.features.approval.decisions import ApprovalDecision, Judge
from posts.features.approval.models import Approval
from posts.features.approval.record import Action, Actor
from posts.features.operations import operations
from posts.features.posting_queues import queues
from posts.models import Post, Workspace
from tests.factories import make_account, make_workspace

S = Destination.Status
HOUR = timedelta(hours=1)
#: Of a post that an operator has let through without the people who approve.
ALL = frozenset({"internal", "client"})
#: The last so many posts are acted on, so that acts meet.
RECENT = 3
TIME_PASSES = {
    Post: ("scheduled_for", "slot_at"),
    Destination: ("due_at", "wanted_at"),
    Approval: ("expires_at",),
}


class Walk:
    def __init__(self, mode: str) -> None:
        workspace = make_workspace()
        Workspace.objects.filter(pk=workspace.pk).update(approval_mode=mode)
        is_two = mode == Workspace.ApprovalMode.REQUIRED_INTERNAL_AND_CLIENT
        self.needed = ALL if is_two else frozenset({"internal"})
        self._writer = Author(workspace.pk, "key:ada")
        self._accounts = [make_account(workspace, name).pk for name in ("x", "linkedin")]
        self._queue = queues.default(workspace.pk).pk
        self._count = 0
        #: Post → the stages that said yes to what it is now.
        self.approvals: dict[uuid.UUID, frozenset[str]] = {}
        self._overridden: uuid.UUID | None = None
        self.trail: list[str] = []

    def do(self, name: str, pick: int) -> None:
        """One act; who is refused changes nothing. What it changes is approved by no person."""
        before = self._versions()
        self.trail.append(f"{name} {pick}")
        self._overridden = None
        try:
            getattr(self, name)(pick)
        except RequestRefused:
            assert self._versions() == before, f"{name} was refused and changed a post"
            self.trail[-1] += " (refused)"
            return
        if name != "let_time_pass":
            after = self._versions()
            changed = [pk for pk, version in after.items() if before.get(pk, version) != version]
            for pk in changed:
                self.approvals[pk] = ALL if pk == self._overridden else frozenset()

    def is_approved(self, post_id: uuid.UUID) -> bool:
        return self.needed <= self.approvals.get(post_id, frozenset())

    def _versions(self) -> dict[uuid.UUID, Any]:
        posts = Post.objects.prefetch_related("destinations")
        return {
            post.pk: edits.stored(post, [row.account_number for row in post.destinations.all()])
            for post in posts
        }

    def _post(self, pick: int, **fields: Any) -> uuid.UUID:
        found = Post.objects.filter(**fields).order_by("-created_at", "pk")
        recent = list(found.values_list("pk", flat=True)[:RECENT])
        if not recent:
            raise RequestRefused("not_found", "There is none.")
        return recent[pick % len(recent)]

    def _text(self) -> str:
        self._count += 1
        return f"Text {self._count}"

    # Writers

    def write(self, pick: int) -> None:
        accounts = self._accounts[: 1 + pick % 2]
        times = (
            {"when": clock.now() + HOUR * (1 + pick)},
            {"draft": True, "when": clock.now() + HOUR},
            {},
            {"queue": IntoQueue(self._queue)},
        )
        compose.create(self._writer, NewPost(self._text(), accounts, **times[pick % 4]))

    def edit(self, pick: int) -> None:
        changes: tuple[dict[str, Any], ...] = (
            {"content": self._text()},
            {"when": clock.now() + HOUR * (2 + pick)},
            {"account_ids": self._accounts},
            {"account_ids": self._accounts[:1]},
            {"metadata": {"a": self._text()}},
            {"queue": IntoQueue(self._queue)},
        )
        compose.edit(self._writer, self._post(pick // 2), changes[pick % 6])

    def schedule(self, pick: int) -> None:
        when = clock.now() + HOUR if pick % 2 else None
        compose.schedule(self._writer, self._post(pick, status=Post.Status.DRAFT), when)

    def publish_now(self, pick: int) -> None:
        compose.publish_now(self._writer, self._post(pick))

    def ask(self, pick: int) -> None:
        post = self._post(pick)
        decisions.ask(self._writer, post)
        self.approvals[post] = frozenset()

    def retry(self, pick: int) -> None:
        failed = Destination.objects.filter(status=S.FAILED).values_list("pk", flat=True)
        manual_retry.requeue(list(failed), by="key:ada")

    # Judges

    def approve(self, pick: int) -> None:
        post = self._post(pick // 2)
        stage = ("internal", "client")[pick % 2] if self.needed == ALL else "internal"
        self._decide(post, Action.APPROVED, stage)
        self.approvals[post] = self.approvals.get(post, frozenset()) | {stage}

    def refuse(self, pick: int) -> None:
        """Where clients have a stage, one takes back a yes of its own; else all is taken back."""
        post, stage = self._post(pick // 4), ("client" if pick % 4 > 1 else None)
        self._decide(post, (Action.CHANGES_REQUESTED, Action.REJECTED)[pick % 2], stage)
        kept = self.approvals.get(post, frozenset()) - {"client"}
        self.approvals[post] = kept if stage and self.needed == ALL else frozenset()

    def _decide(self, post: uuid.UUID, action: Action, stage: str | None = None) -> None:
        judge = Judge(Actor("key:boss"), frozenset({"key:boss"}), stage)
        author = Author(self._writer.workspace_id, "key:boss")
        decisions.decide(author, post, judge, ApprovalDecision(action, "Well"))

    # Operators

    def override(self, pick: int) -> None:
        """Only an operator who may approve publishes what is not approved."""
        post = self._post(pick // 2)
        may_approve = pick % 2 == 0
        done = operations.publish_now([post], by="operator:o", may_approve=may_approve)
        if done.moved and may_approve:
            self.approvals[post] = ALL
            self._overridden = post

    def repair(self, pick: int) -> None:
        for check in consistency.CHECKS:
            if check.repair:
                check.repair()

    # Queues

    def hold(self, pick: int) -> None:
        queues.change(self._writer, self._queue, {"active": False})

    def resume(self, pick: int) -> None:
        queues.change(self._writer, self._queue, {"active": True})

    # Workers and time

    def work(self, pick: int) -> None:
        """What is claimed is approved; it fails, or is given back."""
        claimed = claims.claim(100)
        for post in Destination.objects.filter(pk__in=[each.id for each in claimed]):
            assert self.is_approved(post.post_id), "A claim took what is not approved"
        if pick % 2:
            claims.release([each.key for each in claimed])
        else:
            fields = {"error": "No", "error_code": "platform_error"}
            changes = [Change(each.id, each.claim, fields, "no") for each in claimed]
            transitions.move_all({"refuse": changes}, by="dovecote")

    def let_time_pass(self, pick: int) -> None:
        """What was to happen later is past by now, or the approvals alone are."""
        past = datetime.now(UTC) - timedelta(minutes=1)
        for model, columns in TIME_PASSES.items():
            for column in columns:
                model.objects.filter(**{f"{column}__isnull": False}).update(**{column: past})
        if pick % 2:
            overdue.end_missed()

    def sweep(self, pick: int) -> None:
        overdue.end_missed()
