"""The endpoints of approval."""

from django.urls import path

from posts.features.approval.api import views
from posts.features.approval.share import page

SHARED = [
    path("posts/<post:post_id>/approval", views.PostApproval.as_view()),
    path("posts/<post:post_id>/request-approval", views.RequestApproval.as_view()),
    path("posts/<post:post_id>/approve", views.Approve.as_view()),
    path("posts/<post:post_id>/request-changes", views.RequestChanges.as_view()),
    path("posts/<post:post_id>/reject", views.Reject.as_view()),
    path("posts/<post:post_id>/comments", views.PostComments.as_view()),
    path("posts/<post:post_id>/share-links", views.ShareLinks.as_view()),
    path("posts/<post:post_id>/share-links/<link:link_id>", views.OneShareLink.as_view()),
]
#: Seeing a post and deciding about it, without a login.
PUBLIC = [path("share/<str:token>", page.show, name="share")]
