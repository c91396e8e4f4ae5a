"""Serve previews of posts over HTTP."""

from typing import Any, ClassVar, get_args

from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from platforms.preview.shapes import Fit, Kind, Layout, Visibility
from platforms.preview.texts import SegmentKind
from posts.api.auth import author, reach_of
from posts.api.compat.by_accounts import ReadsByAccounts
from posts.api.compat.serializers import inputs
from posts.api.compat.serializers.fields import PlainIds
from posts.api.endpoints import ReplayPolicy, Tool, options, tools
from posts.api.renderers import EnvelopeResponse
from posts.api.serializers.posts import pauses, warnings
from posts.api.serializers.posts.posts import AccountValidationSerializer, verdict_shower
from posts.api.serializers.posts.requests import CreatePostSerializer
from posts.api.serializers.posts.warnings import WarnedMetaSerializer
from posts.api.serializers.resources import NullIfBlankField
from posts.api.views import next_steps
from posts.api.views.posts import ReadsNewPosts
from posts.api.views.tools import CHECKED, FOR_ACCOUNTS
from posts.composing import create
from posts.features.preview import render
from posts.models import Media


class PreviewAccountSerializer(serializers.Serializer):
    """The account as its readers see it."""

    name = serializers.CharField()
    handle = NullIfBlankField(help_text="With its @; null where the network shows only a name.")
    avatar_url = NullIfBlankField(help_text="At the network; null if it is not known.")


class PreviewSegmentSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(get_args(SegmentKind), help_text="What readers can follow.")
    text = serializers.CharField(trim_whitespace=False, help_text="The run itself.")


class PreviewTextSerializer(serializers.Serializer):
    """A text, and where the feed cuts it."""

    text = serializers.CharField(trim_whitespace=False, help_text="The whole text.")
    shown = PreviewSegmentSerializer(many=True, help_text="What the feed shows of it at first.")
    hidden = PreviewSegmentSerializer(many=True, help_text="The rest; empty if it is not cut.")
    label = serializers.CharField(  # type: ignore[assignment]
        allow_null=True, help_text="What readers press for the rest; null if it is not cut."
    )


class PreviewMediaSerializer(serializers.Serializer):
    """A file in the frame in which the feed shows it."""

    media_id = serializers.UUIDField(allow_null=True, help_text="Null if it was deleted.")
    type = serializers.ChoiceField(Media.Kind.values, source="kind")
    filename = serializers.CharField()
    alt_text = serializers.CharField(help_text="As it is sent; blank if the network gets none.")
    url = serializers.CharField(
        allow_null=True, help_text="Signed and temporary; null while it is still to be made."
    )
    picture_url = serializers.CharField(
        allow_null=True, help_text="The picture itself if it is small, else its thumbnail."
    )
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    duration = serializers.FloatField(allow_null=True, source="duration_seconds")
    pages = serializers.IntegerField(allow_null=True, help_text="Of a document.")
    ratio = serializers.FloatField(help_text="Width / height of the frame.")
    fit = serializers.ChoiceField(
        get_args(Fit), help_text="`crop`: its edges are cut off; `bars`: whole, between bars."
    )


class PreviewPartSerializer(serializers.Serializer):
    """One public post; a thread has several."""

    text = PreviewTextSerializer(help_text="Its text.")
    media = PreviewMediaSerializer(many=True, help_text="Its files, in their order.")
    visible_media = serializers.IntegerField(
        help_text="How many of the files are seen at first; the last of these says how many more."
    )


class PreviewLinkCardSerializer(serializers.Serializer):
    """A card for a link. The page is not fetched."""

    url = serializers.CharField()
    host = serializers.CharField(help_text="As the card names it.")
    title = NullIfBlankField(help_text="Null if it comes from the page.")
    text = NullIfBlankField(help_text="Null if it comes from the page.")
    media = PreviewMediaSerializer(allow_null=True, help_text="Null if it comes from the page.")


class PreviewPollSerializer(serializers.Serializer):
    question = serializers.CharField(help_text="What is asked.")
    options = serializers.ListField(child=serializers.CharField(), help_text="The answers.")
    duration = serializers.CharField(help_text="How long it is open, in words.")


class PreviewCoverSerializer(serializers.Serializer):
    """What stands for a video or photos; both null: a moment that the network chooses."""

    media = PreviewMediaSerializer(allow_null=True, help_text="The picture that was chosen.")
    at_ms = serializers.IntegerField(
        allow_null=True, help_text="The moment of the video that was chosen."
    )


class PostPreviewSerializer(serializers.Serializer):
    """What readers will see."""

    kind = serializers.ChoiceField(get_args(Kind), help_text="What the network makes of it.")
    layout = serializers.ChoiceField(get_args(Layout), help_text="How its files are arranged.")
    parts = PreviewPartSerializer(many=True, help_text="The post, and the replies of a thread.")
    text_below = serializers.BooleanField(
        help_text="Whether title and text stand below the files, as in feeds of pictures."
    )
    title = PreviewTextSerializer(allow_null=True, help_text="Null where there is none.")
    link_card = PreviewLinkCardSerializer(allow_null=True, help_text="Null if there is none.")
    poll = PreviewPollSerializer(allow_null=True, help_text="Null if there is none.")
    cover = PreviewCoverSerializer(allow_null=True, help_text="Null if nothing stands for it.")
    first_comment = serializers.CharField(allow_null=True, help_text="Null if there is none.")
    visibility = serializers.ChoiceField(
        get_args(Visibility),
        help_text="Who sees it; `widest`: the widest audience that the account offers.",
    )
    labels = serializers.ListField(
        child=serializers.CharField(), help_text="What else readers notice, in words."
    )
    left_out = serializers.ListField(
        child=serializers.CharField(), help_text="What of the post they will not see, in words."
    )


class PreviewedAccountSerializer(AccountValidationSerializer):
    """How POST /posts would treat one account, and what its readers will see."""

    account = PreviewAccountSerializer(help_text="The account as its readers see it.")
    post_type = NullIfBlankField(help_text="The `contentType` that was asked for.")
    preview = PostPreviewSerializer(
        source="shown", allow_null=True, help_text="Null if its options are invalid."
    )


show_previewed = verdict_shower(PreviewedAccountSerializer)


class PreviewedSerializer(serializers.Serializer):
    """`valid`, `errors`, `warnings` and `notes` are those of POST /posts/validate."""

    meta_serializer: ClassVar = WarnedMetaSerializer

    valid = serializers.BooleanField()
    accounts: Any = PreviewedAccountSerializer(many=True, help_text="What each account shows.")


PREVIEW_POST = Tool(
    description="Show how each network would show a post: where its feed cuts the text, how it "
    "frames files, link cards. Also finds what validate_post finds. Stores and publishes nothing.",
    takes=CHECKED,
    required=FOR_ACCOUNTS,
    next_step=next_steps.of_validated,
)


class PostPreview(ReadsNewPosts, APIView):
    @tools(PREVIEW_POST)
    @extend_schema(
        operation_id="preview_post", request=CreatePostSerializer, responses=PreviewedSerializer
    )
    @options(replay=ReplayPolicy.NEVER)
    def post(self, request: Request) -> Response:
        """Preview what each network will show of a post; nothing is stored.

        Texts are cut where the feed cuts them, files stand in the feed's frames, and links have
        their cards. Errors and warnings are those of POST /posts/validate.
        """
        reach = reach_of(request)
        values = self.read_new(reach, request.data)
        verdicts = create.check(author(request), values)
        cards = render.of_validations(reach, verdicts)
        paused = pauses.of_accounts([card.target for card in cards], reach.workspace_id)
        return EnvelopeResponse(
            show_previewed(cards, paused),
            warnings.meta(warnings.foreseen(values, verdicts)),
        )


@extend_schema_view(post=extend_schema(request=inputs.CreatePostSerializer))
class CompatPreview(ReadsByAccounts, PlainIds, PostPreview):
    new: type[inputs.CreatePostSerializer] = inputs.CreatePostSerializer


urlpatterns = [path("posts/preview", PostPreview.as_view())]
COMPAT = [path("posts/preview", CompatPreview.as_view())]
