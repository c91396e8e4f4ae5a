"""Pictures in another form: turned upright, in sRGB, without what the camera wrote into them."""

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
#: A picture that is still too heavy at the lowest quality becomes so much smaller each time.
SHRINK = 0.8
#: Narrower than that nobody calls it the picture any more.
LEAST_SIDE = 200
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}


def make(source: Path, target: Path, form: Form) -> bool:
    """Write the picture in this form; whether it got bars. Raises ConversionError."""
    try:
        with Image.open(source) as image:
            if image.width * image.height > PIXELS:
                raise ConversionError("the picture is too large")
            picture = upright(image, form)
    except BROKEN:
        raise ConversionError("the picture cannot be read") from None
    return write(picture, target, form)


def write(picture: Image.Image, target: Path, form: Form) -> bool:
    """Write an `upright` picture in this form; whether it got bars. Raises ConversionError."""
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
    """The picture as it is shown, in 8-bit sRGB, RGB or RGBA."""
    width, height = image.size
    if image.getexif().get(ORIENTATION, 1) >= 5:
        width, height = height, width
    frame = geometry.fit(width, height, form)
    wanted = max(frame.width, frame.height)
    # A JPEG of many megapixels is decoded no larger than needed.
    image.draft(None, (wanted, wanted))
    profile = image.info.get("icc_profile")
    return _srgb(ImageOps.exif_transpose(image), profile)


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.mode.startswith(("I", "F")):  # 16 bits a pixel: the upper 8 are kept
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
    """In sRGB; as it is if its profile is not for it."""
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
    """The frame, and ever smaller ones."""
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
    """The bytes, lighter each time where the format knows qualities."""
    name = _FORMATS.get(content_type)
    if name is None:
        raise ConversionError(f"no picture can be made into {content_type}")
    # Comments of the original would be written, too.
    picture.info = {}
    has_qualities = name in ("JPEG", "WEBP")
    for quality in QUALITIES if has_qualities else QUALITIES[:1]:
        options = {"quality": quality} if has_qualities else {"optimize": True}
        held = io.BytesIO()
        picture.save(held, name, **options)
        yield held.getvalue()
