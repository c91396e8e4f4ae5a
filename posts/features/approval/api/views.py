"""Approvals and share links of posts over HTTP."""

import uuid
from datetime import timedelta

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from posts.api.auth import author, key_of
from posts.api.endpoints import Arguments, Json, ReplayPolicy, Tool, options, tools
from posts.api.pagination import page
from posts.api.resources import find_post
from posts.api.serializers.resources import PaginationSerializer, read
from posts.features.approval import decisions, summary
from posts.features.approval.api import serializers
from posts.features.approval.decisions import ApprovalDecision, Judge
from posts.features.approval.hold import Reviewed
from posts.features.approval.models import Approval, ApprovalEvent, ShareLink
from posts.features.approval.record import Action, Actor
from posts.features.approval.share import links
from posts.features.approval.share.links import NewShareLink
from posts.keys import keys
from posts.models import ApiKey

APPROVE = ApiKey.Scope.APPROVE


def after_approval(arguments: Arguments, answer: Json) -> str:
    data, post_id = answer["data"], arguments["post_id"]
    if data["approval"]["status"] == "pending":
        return (
            f"It waits for people. If the user has decided, call decide_approval with post_id "
            f"{post_id}, revision {data['revision']} and the decision."
        )
    return after_reviewed(arguments, answer)


def after_reviewed(arguments: Arguments, answer: Json) -> str:
    data, post_id = answer["data"], arguments["post_id"]
    return {
        "none": f"No approval was asked for: request_approval with post_id {post_id} does that.",
        "pending": f"It is not published until it is approved ({data['approval']['stage']}): tell "
        f"the user. get_approval with post_id {post_id} says where it stands.",
        "approved": _of_approved(data, post_id),
        "changes_requested": "Change it as the comment says, with update_post; it then waits for "
        "approval again.",
        "rejected": "It is not published. request_approval asks anew, if the user wants that.",
    }[data["approval"]["status"]]


def _of_approved(data: Json, post_id: str) -> str:
    if data["post_status"] == "draft":
        return f"It is a draft: publish_draft with post_id {post_id} says when it is published."
    return (
        f"It is published at its time: get_results with post_id {post_id} says what became of it."
    )


REQUEST_APPROVAL = Tool(
    title="Ask for a post's approval",
    description="Ask people to approve a post. It is not published until they do, also if its "
    "time comes. Works where the workspace uses approval.",
    next_step=after_reviewed,
)
GET_APPROVAL = Tool(
    description="Read where a post stands: its approval, what changed since the last one, and "
    "what was done and said, oldest first. Its revision is needed to decide.",
    next_step=after_approval,
)
DECIDE_APPROVAL = Tool(
    name="decide_approval",
    title="Approve a post, ask for changes, or reject it",
    description="Record a decision that the user made about a post; never decide for them. An "
    "approved post is published at its time, or at once if it has none. request_changes and "
    "reject need a comment that says why. revision is that of get_approval: a post that was "
    "changed since is not decided. The key that wrote a post cannot approve it.",
    hides=("stage",),
    required=("revision",),
    own={"decision": {"type": "string", "description": "What was decided."}},
    chosen_by="decision",
    destructive=True,
    open_world=True,
    next_step=after_reviewed,
)


class RequestApproval(APIView):
    @tools(REQUEST_APPROVAL)
    @extend_schema(
        operation_id="request_approval",
        request=serializers.RequestApprovalSerializer,
        responses=serializers.ReviewedSerializer,
    )
    def post(self, request: Request, post_id: str) -> Response:
        """Ask people to approve a post; until they do it is not published."""
        found = find_post(request, post_id)
        values = read(serializers.RequestApprovalSerializer, request.data)
        reviewers, message = values.get("reviewers", ()), values.get("message", "")
        return _answer(decisions.ask(author(request), found.pk, reviewers, message))


class Approve(APIView):
    @tools(DECIDE_APPROVAL.chosen("approve"))
    @extend_schema(
        operation_id="approve_post",
        request=serializers.ApproveSerializer,
        responses=serializers.ReviewedSerializer,
    )
    @options(scope=APPROVE)
    def post(self, request: Request, post_id: str) -> Response:
        """Approve a post, which is then published at its time, or at once if it has none."""
        return _decide(request, post_id, Action.APPROVED, serializers.ApproveSerializer)


class RequestChanges(APIView):
    @tools(DECIDE_APPROVAL.chosen("request_changes"))
    @extend_schema(
        operation_id="request_changes",
        request=serializers.RefuseSerializer,
        responses=serializers.ReviewedSerializer,
    )
    @options(scope=APPROVE)
    def post(self, request: Request, post_id: str) -> Response:
        """Ask for changes; once the post is edited, it waits for approval again."""
        return _decide(request, post_id, Action.CHANGES_REQUESTED, serializers.RefuseSerializer)


class Reject(APIView):
    @tools(DECIDE_APPROVAL.chosen("reject"))
    @extend_schema(
        operation_id="reject_post",
        request=serializers.RefuseSerializer,
        responses=serializers.ReviewedSerializer,
    )
    @options(scope=APPROVE)
    def post(self, request: Request, post_id: str) -> Response:
        """Reject a post; it is not published unless a person asks for its approval again."""
        return _decide(request, post_id, Action.REJECTED, serializers.RefuseSerializer)


class PostApproval(APIView):
    @tools(GET_APPROVAL)
    @extend_schema(
        operation_id="get_approval",
        parameters=[serializers.HistoryQuery],
        responses=serializers.ApprovalReportSerializer,
    )
    @options(reads_query=True)
    def get(self, request: Request, post_id: str) -> Response:
        """Read where a post stands: its approval, what changed, and what was done and said."""
        post = find_post(request, post_id)
        asked = read(serializers.HistoryQuery, request.query_params.dict())
        events, meta = page(summary.history(post), asked)
        approval = Approval.objects.filter(pk=post.pk).first()
        now = summary.version(post)
        found = {
            "approval": summary.as_json(approval),
            "revision": summary.revision(post, now),
            "post_status": post.status,
            "reviewers": approval.reviewers if approval else [],
            "diff": summary.difference(approval, now),
            "history": events,
            "pagination": PaginationSerializer(meta["pagination"]).data,
        }
        return Response(serializers.ApprovalReportSerializer(found).data)


class PostComments(APIView):
    @extend_schema(
        operation_id="comment_on_post",
        request=serializers.CommentSerializer,
        responses={201: serializers.ApprovalEventSerializer},
    )
    def post(self, request: Request, post_id: str) -> Response:
        """Say something about a post, to your own people or also to those with a share link."""
        post = find_post(request, post_id)
        values = read(serializers.CommentSerializer, request.data)
        visibility = values.get("visibility", ApprovalEvent.Visibility.INTERNAL)
        who = author(request)
        said = decisions.comment(
            post.pk, who.workspace_id, Actor.of(who), values["text"], visibility
        )
        return Response(serializers.ApprovalEventSerializer(said).data, status=201)


class ShareLinks(APIView):
    @extend_schema(operation_id="list_share_links", responses=serializers.ShareLinksSerializer)
    def get(self, request: Request, post_id: str) -> Response:
        """List a post's share links, newest first; without their secrets."""
        found = ShareLink.objects.filter(post=find_post(request, post_id))
        rows = found.order_by("-created_at", "pk")[: links.MOST]
        return Response(serializers.ShareLinksSerializer({"share_links": rows}).data)

    @extend_schema(
        operation_id="create_share_link",
        request=serializers.CreateShareLinkSerializer,
        responses={201: serializers.NewShareLinkSerializer},
    )
    @options(replay=ReplayPolicy.WITH_WORK)
    def post(self, request: Request, post_id: str) -> Response:
        """Make a secret address that shows the post to people without a login."""
        post = find_post(request, post_id)
        values = read(serializers.CreateShareLinkSerializer, request.data)
        key = key_of(request)
        can_decide = values.get("can_decide") or False
        if can_decide and APPROVE not in key.scopes:
            raise PermissionDenied("A link that can decide needs a key with the scope approve.")
        seconds = values.get("expires_in")
        wanted = NewShareLink(
            can_decide,
            values.get("reviewer", ""),
            timedelta(seconds=seconds) if seconds else links.LONGEST,
        )
        link, secret = links.create(post, Actor.of(author(request)), wanted, _names(key))
        link.url = links.url(secret)  # type: ignore[attr-defined]
        return Response(serializers.NewShareLinkSerializer(link).data, status=201)


class OneShareLink(APIView):
    @extend_schema(
        operation_id="revoke_share_link", responses={200: serializers.ShareLinkSerializer}
    )
    def delete(self, request: Request, post_id: str, link_id: str) -> Response:
        """Revoke a share link; from then on it shows nothing."""
        post = find_post(request, post_id)
        link = links.revoke(post, uuid.UUID(link_id), Actor.of(author(request)))
        return Response(serializers.ShareLinkSerializer(link).data)


def _decide(request: Request, post_id: str, action: Action, body: type[Serializer]) -> Response:
    post, who = find_post(request, post_id), author(request)
    values = read(body, request.data)
    stage = values.get("stage", Approval.Stage.INTERNAL)
    judge = Judge(Actor.of(who), _names(key_of(request)), stage)
    decision = ApprovalDecision(action, values.get("comment", ""), values.get("revision", ""))
    return _answer(decisions.decide(who, post.pk, judge, decision))


def _names(key: ApiKey) -> frozenset[str]:
    """Return how the histories call a key and those that it replaces: they are one program."""
    return frozenset(f"key:{prefix}" for prefix in keys.lineage(key))


def _answer(found: Reviewed) -> Response:
    shown = {
        "approval": summary.as_json(found.approval),
        "revision": found.revision,
        "post_status": found.post.status,
    }
    return Response(serializers.ReviewedSerializer(shown).data)
