"""Add actions to pages of posts, for operators who may change posts."""

from posts.admin.post.parts import PostPart
from posts.features.operations.admin import decide, post_actions


class OperationsPart(PostPart):
    buttons = ("posts/admin/operation_buttons.html",)
    approve = decide.Approve("Approve…", "approve_posts")
    request_changes = decide.RequestChanges("Ask for changes…", "approve_posts")
    reject = decide.Reject("Reject…", "approve_posts")
    publish_now = post_actions.PublishNow("Publish now…")
    move = post_actions.Move("Move in time…")
    edit_text = post_actions.EditText("Edit the text…")
    cancel = post_actions.Cancel("Cancel…")
    #: In the order of their buttons.
    actions = (approve, request_changes, reject, publish_now, move, edit_text, cancel)


HOOKS = (OperationsPart(),)
