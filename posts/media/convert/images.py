"""Converts images: upright, in sRGB, without metadata. Runs in the sandbox."""

import io
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

from platforms.limits import Form
from posts.media.convert import geometry
from posts.media.convert.geometry import ConversionError, Frame
from posts.media.probe.images import BROKEN, ORIENTATION, PIXELS

WHITE = (255, 255, 255)
QUALITIES = (92, 85, 78, 70, 60)
#: The factor by which an image is scaled that is too large even at the lowest quality.
SHRINK = 0.8
#: An image is never scaled below this width or height.
LEAST_SIDE = 200
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}


def make(source: Path, target: Path, form: Form) -> bool:
    """Write the image in this form; returns whether it got bars. Raises ConversionError."""
    try:
        with Image.open(source) as image:
            if image.width * image.height > PIXELS:
                raise ConversionError("the image is too large")
            picture = upright(image, form)
    except BROKEN:
        raise ConversionError("the image cannot be read") from None
    return write(picture, target, form)


def write(picture: Image.Image, target: Path, form: Form) -> bool:
    """Write an `upright` image in this form; returns whether it got bars.

    Raises ConversionError.
    """
    frame = geometry.fit(*picture.size, form)
    has_alpha = "A" in picture.getbands()
    if has_alpha and form.content_type == "image/jpeg":
        picture = _on_white(picture)
    for bounds in _smaller(frame, picture.size, form):
        drawn = _draw(picture, bounds)
        for content in _encoded(drawn, form.content_type):
            if not form.max_bytes or len(content) <= form.max_bytes:
                target.write_bytes(content)
                return bounds.has_bars
    raise ConversionError(f"it does not fit into {form.max_bytes} bytes")


def upright(image: Image.Image, form: Form) -> Image.Image:
    """Return the image as it is displayed, in 8-bit sRGB, RGB or RGBA."""
    width, height = image.size
    if image.getexif().get(ORIENTATION, 1) >= 5:
        width, height = height, width
    frame = geometry.fit(width, height, form)
    wanted = max(frame.width, frame.height)
    # A large JPEG is decoded no larger than needed.
    image.draft(None, (wanted, wanted))
    profile = image.info.get("icc_profile")
    return _srgb(ImageOps.exif_transpose(image), profile)


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.mode.startswith(("I", "F")):  # 16 bits a pixel: keep the upper 8
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    alpha = None
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
    if image.mode not in ("RGB", "CMYK", "L"):
        image = image.convert("RGB")
    if profile:
        image = _by_profile(image, profile)
    image = image.convert("RGB")
    if alpha:
        image.putalpha(alpha)
    return image


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """Return the image in sRGB; unchanged if its profile does not match it."""
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(
            image, own, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return converted or image


def _on_white(image: Image.Image) -> Image.Image:
    flat = Image.new("RGB", image.size, WHITE)
    flat.paste(image, mask=image.getchannel("A"))
    return flat


def _smaller(frame: Frame, size: tuple[int, int], form: Form) -> Iterator[Frame]:
    """Yield the frame, then ever smaller ones."""
    longest = max(frame.canvas_width, frame.canvas_height)
    yield frame
    while (longest := int(longest * SHRINK)) >= LEAST_SIDE:
        yield geometry.fit(*size, form, longest=longest)


def _draw(picture: Image.Image, frame: Frame) -> Image.Image:
    size = frame.width, frame.height
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
    if not frame.has_bars:
        return picture
    colour = (*WHITE, 0) if picture.mode == "RGBA" else WHITE
    canvas = Image.new(picture.mode, (frame.canvas_width, frame.canvas_height), colour)
    canvas.paste(picture, (frame.left, frame.top))
    return canvas


def _encoded(picture: Image.Image, content_type: str) -> Iterator[bytes]:
    """Yield the bytes; smaller each time if the format has quality levels."""
    name = _FORMATS.get(content_type)
    if name is None:
        raise ConversionError(f"images cannot be converted to {content_type}")
    # Otherwise the original's comments would be written.
    picture.info = {}
    has_qualities = name in ("JPEG", "WEBP")
    for quality in QUALITIES if has_qualities else QUALITIES[:1]:
        options = {"quality": quality} if has_qualities else {"optimize": True}
        held = io.BytesIO()
        picture.save(held, name, **options)
        yield held.getvalue()
