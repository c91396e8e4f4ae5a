"""What X accepts as an image, a GIF or a video."""

from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from deploy.simulator.network import Refused
from deploy.simulator.state.video_facts import video_facts
from deploy.simulator.x.calls import invalid

IMAGE_BYTES = 5 * 1024 * 1024
GIF_BYTES = 15 * 1024 * 1024
VIDEO_BYTES = 512 * 1024 * 1024
MOST_BYTES = {"tweet_image": IMAGE_BYTES, "tweet_gif": GIF_BYTES, "tweet_video": VIDEO_BYTES}
IMAGE_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
#: The media types that each category accepts.
CATEGORIES = {
    "tweet_image": {*IMAGE_TYPES.values(), "image/bmp", "image/tiff", "image/pjpeg"},
    "tweet_gif": {"image/gif"},
    "tweet_video": {"video/mp4", "video/quicktime", "video/webm", "video/mp2t"},
}
VIDEO_LONG, VIDEO_SHORT = 1920, 1200
GIF_WIDTH, GIF_HEIGHT, GIF_FRAMES, GIF_PIXELS = 1280, 1080, 350, 300_000_000


def read_image(path: Path) -> dict[str, Any]:
    """The type and size of an image by its bytes. Raises Refused."""
    if path.stat().st_size > IMAGE_BYTES:
        raise Refused(invalid("The media is too big.", {"media": [str(path.stat().st_size)]}))
    try:
        with Image.open(path) as image:
            kind, (width, height) = IMAGE_TYPES.get(image.format or ""), image.size
    except (UnidentifiedImageError, OSError):
        kind, width, height = None, 0, 0
    if kind is None:
        raise Refused(invalid("The media type is not supported.", {"media": [""]}))
    return {"image_type": kind, "w": width, "h": height}


def problem_with(path: Path, category: str) -> str:
    """Why processing a file fails; empty if it succeeds."""
    return _gif_problem(path) if category == "tweet_gif" else _video_problem(path)


def _gif_problem(path: Path) -> str:
    try:
        with Image.open(path, formats=["GIF"]) as image:
            (width, height), frames = image.size, int(getattr(image, "n_frames", 1))
    except (UnidentifiedImageError, OSError):
        return "file is not a GIF"
    if width > GIF_WIDTH or height > GIF_HEIGHT:
        return f"GIF is larger than {GIF_WIDTH}x{GIF_HEIGHT}"
    if frames > GIF_FRAMES:
        return f"GIF has more than {GIF_FRAMES} frames"
    return "GIF has too many pixels" if frames * width * height > GIF_PIXELS else ""


def _video_problem(path: Path) -> str:
    facts = video_facts(path)
    if not (facts.is_mp4 and facts.height):
        return "file is not a video"
    if not 0.5 <= facts.seconds <= 140:
        return "duration is not between 0.5 and 140 seconds"
    if not 1 / 3 <= facts.width / facts.height <= 3:
        return "aspect ratio is not between 1:3 and 3:1"
    short, long = sorted((facts.width, facts.height))
    if long > VIDEO_LONG or short > VIDEO_SHORT:
        return f"video is larger than {VIDEO_LONG}x{VIDEO_SHORT}"
    return "" if short >= 32 else "video is smaller than 32x32"
