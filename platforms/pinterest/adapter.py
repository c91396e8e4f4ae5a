"""Pinterest Pins: a picture, a carousel or a video on a board.

`platform_account_id` is the board's id; `username` is the person's. The text is the description.

Source: OpenAPI 5.23.0 of github.com/pinterest/api-description (texts, links, carousels, pictures);
https://docs.getlate.dev/resources/media-guidelines/pinterest and
https://www.ayrshare.com/docs/media-guidelines/pinterest.md (sizes, lengths and shapes of files,
which the API's document does not say; excerpts); read 2026-12-01.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from platforms.adapter import Adapter, Call
from platforms.drafts import AccountFacts, Credentials, Draft, Media
from platforms.errors import Rejected, Unsupported
from platforms.http.client import Client
from platforms.http.foreign.stated import as_count
from platforms.limits import ImageRule, Limits, VideoRule
from platforms.metrics import Metrics
from platforms.outcomes import Finding, Outcome, Processing, Published, Removal
from platforms.pinterest import errors, lookup, media, pin, preview
from platforms.pinterest.board import Board, link
from platforms.pinterest.oauth import TOKENS, PinterestOAuth
from platforms.pinterest.pin import COVER
from platforms.policy.options import Boolean, Integer, String
from platforms.policy.retry import RetryPolicy

TEXT_CHARS, TITLE_CHARS, LINK_CHARS, ALT_TEXT_CHARS = 800, 100, 2048, 500
MAX_SECONDS = 900
URL, NUMBER = re.compile(r"https?://[^\s/]+\S*"), re.compile(r"[0-9]{1,20}")
NUMBERS = ("boardId", "sectionId")
OTHER_BOARD = "This account is the board {}; post to the account of the other one."


class Pinterest(Adapter):
    key = "pinterest"
    name = "Pinterest"
    origin = errors.ORIGIN
    logins = {"pinterest": PinterestOAuth()}
    secrets = (TOKENS,)
    link_id = re.compile(r"pinterest\.[a-z.]{2,6}/pin/(?:[\w%-]*--)?([0-9]{1,20})(?![0-9])")
    features = ("alt_text", "carousels", "thumbnail")
    cover_option = COVER
    options = (
        String("title", "The Pin's title.", TITLE_CHARS),
        String("link", "The URL that the Pin leads to.", LINK_CHARS),
        String("sectionId", "The number of a section of the board.", 20),
        String("boardId", "The account's own board: each board is an account of its own.", 20),
        Integer("coverSeconds", "The moment of a video that is its cover.", 0, MAX_SECONDS),
        Boolean(COVER, "Makes the post's first image the cover of its video."),
    )
    account_option = "boardId"
    # The last lookup comes when the list proves that a Pin is absent.
    retry = RetryPolicy(find_delays_seconds=(5, 60, 300))
    deletes = True
    #: Pictures are sent in the request itself, videos 16 MiB at a time.
    deadline_seconds = 300
    metrics_batch = 1
    limits = Limits(
        text_chars=TEXT_CHARS,
        media_items=5,
        image=ImageRule(
            ("image/jpeg", "image/png"),
            max_bytes=20 * 1024**2,
            alt_text_chars=ALT_TEXT_CHARS,
            max_frames=1,
        ),
        video=VideoRule(
            ("video/mp4", "video/quicktime"),
            max_bytes=2 * 1024**3,
            min_seconds=4,
            max_seconds=MAX_SECONDS,
            min_ratio=1 / 2,
            max_ratio=1.91,
            alt_text_chars=ALT_TEXT_CHARS,
        ),
        media_required=True,
    )
    explain = staticmethod(errors.explain)
    preview = staticmethod(preview.preview)

    def limits_for(self, draft: Draft) -> Limits:
        """Return the limits; a video may have a picture beside it as its cover."""
        has_cover = draft.settings.get(COVER) is True
        return replace(self.limits, media_items=2, mixes=True) if has_cover else self.limits

    def pick(self, draft: Draft) -> tuple[Media, ...]:
        """Pick the video and the first picture if that is its cover."""
        if draft.settings.get(COVER) is not True:
            return super().pick(draft)
        covers = [replace(item, alt_text="") for item in pin.pictures(draft)]
        return tuple(item for item in draft.media if item.kind != "image") + tuple(covers[:1])

    def check(self, draft: Draft) -> None:
        super().check(draft)
        settings, clip = draft.settings, pin.video(draft)
        if not draft.media:
            raise Unsupported("A Pin needs an image or a video.")
        if clip and len(draft.media) > (2 if settings.get(COVER) else 1):
            raise Unsupported("Pinterest takes one video in a Pin.")
        if settings.get(COVER) and (not clip or not pin.pictures(draft)):
            raise Unsupported(f"Pinterest's option {COVER} needs an image beside a video.")
        if settings.get("coverSeconds") is not None and (not clip or settings.get(COVER)):
            words = f"Pinterest's option coverSeconds is for a video, and not with {COVER}."
            raise Unsupported(words)
        if (length := len(draft.text)) > TEXT_CHARS:
            words = f"The text has {length} characters; Pinterest takes {TEXT_CHARS}."
            raise Unsupported(words, code="text_too_long")
        if len(pin.alt_text(draft)) > ALT_TEXT_CHARS:
            raise Unsupported(f"A Pin has one alt text, of up to {ALT_TEXT_CHARS} characters.")
        if settings.get("link") and not URL.fullmatch(settings["link"]):
            raise Unsupported("Pinterest's option link must be a URL.")
        for name in NUMBERS:
            if settings.get(name) and not NUMBER.fullmatch(settings[name]):
                raise Unsupported(f"Pinterest's option {name} must be a number, as a text.")

    def unfit_for(self, draft: Draft, account: AccountFacts) -> str:
        board = account.platform_account_id
        is_other = draft.settings.get("boardId", board) not in (None, board)
        return OTHER_BOARD.format(board) if is_other else ""

    async def publish(self, call: Call) -> Outcome:
        board, kept, settings = Board(call.account, call.http), call.checkpoint, call.draft.settings
        if settings.get("boardId", board.id) not in (None, board.id):
            raise Rejected(OTHER_BOARD.format(board.id), code="option_rejected")
        if "behind" not in kept:
            kept["behind"] = await lookup.newest(board, settings.get("sectionId") or "", kept)
        media_id, clip = "", pin.video(call.draft)
        if clip:
            uploaded = await media.upload(clip, board, call)
            if isinstance(uploaded, Processing):
                return uploaded
            media_id = uploaded
        pin_id = await board.create(pin.request(call.draft, board.id, media_id))
        return Published(pin_id, link(pin_id))

    async def find(self, call: Call, sent_at: datetime) -> Finding:
        board, section = Board(call.account, call.http), call.draft.settings.get("sectionId") or ""
        behind = call.checkpoint.get("behind") or lookup.unknown(sent_at)
        seen = await lookup.look(call.draft, board, section, behind)
        return await lookup.finding(call, seen, sent_at)

    async def shows_as_own(self, post_id: str, account: Credentials, http: Client) -> bool | None:
        """Return whether the person made this Pin, and it is on the account's board."""
        board = Board(account, http)
        found = await board.pin(post_id)
        if found is None:
            return False
        return found.get("is_owner") is not False and str(found.get("board_id")) == board.id

    async def read_account(self, account: Credentials, http: Client) -> None:
        await Board(account, http).about()

    async def remove(self, post_id: str, account: Credentials, http: Client) -> Removal:
        return "deleted" if await Board(account, http).delete(post_id) else "already_gone"

    async def read_metrics(
        self, post_ids: Sequence[str], account: Credentials, http: Client
    ) -> Mapping[str, Metrics]:
        """Return the numbers of a Pin's whole life, which Pinterest gives for those since 2023."""
        found = {}
        for post_id in post_ids[: self.metrics_batch]:
            shown = await Board(account, http).pin(post_id, pin_metrics="true")
            if shown is not None:
                found[post_id] = _metrics(shown.get("pin_metrics"))
        return found

    async def read_followers(self, account: Credentials, http: Client) -> int | None:
        """Return how many follow the board."""
        return as_count((await Board(account, http).about()).get("follower_count"))


def _metrics(given: object) -> Metrics:
    life = given.get("lifetime_metrics") if isinstance(given, dict) else None
    if not isinstance(life, dict):
        return Metrics()
    return Metrics(
        likes=as_count(life.get("reaction")),
        comments=as_count(life.get("comment")),
        impressions=as_count(life.get("impression")),
        clicks=as_count(life.get("pin_click")),
    )
