"""Decisions as the functions that the API calls take them."""

from posts.composing.destinations import Author
from posts.features.approval import decisions
from posts.features.approval.decisions import ApprovalDecision, Judge
from posts.features.approval.record import Action, Actor
from posts.models import Post


def decide(post: Post, action: str, by: str = "key:boss", **fields: str) -> None:
    author = Author(post.workspace_id, by)
    judge = Judge(Actor(by), frozenset({by}), fields.pop("stage", None))
    decisions.decide(author, post.pk, judge, ApprovalDecision(Action(action), **fields))


def approve(post: Post, by: str = "key:boss", **fields: str) -> None:
    decide(post, "approved", by, **fields)


def ask(post: Post, by: str = "key:ada") -> None:
    decisions.ask(Author(post.workspace_id, by), post.pk)
