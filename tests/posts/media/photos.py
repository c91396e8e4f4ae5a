"""Images and videos as phones write them, with a place, a device and a time."""

import io
import tempfile
from functools import lru_cache
from typing import Any

import av
from PIL import Image, ImageCms, PngImagePlugin

#: Nothing of these may be seen by others.
PLACE, DEVICE, SERIAL, NOTE = b"+48.8584+002.2945/", b"Acme Phone 9", b"SN-4711-0815", b"at home"
SECRETS = (PLACE, b"48.8584", DEVICE, SERIAL, NOTE, b"Exif\0", b"eXIf", b"loci\0\0\0\0", b"\xa9xyz")
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif(orientation: int = 1) -> Image.Exif:
    found = Image.Exif()
    found[0x0112] = orientation
    found[0x0110] = DEVICE.decode()
    found.get_ifd(0x8769)[0xA431] = SERIAL.decode()
    found.get_ifd(0x8825)[1] = "N"
    found.get_ifd(0x8825)[2] = (48.0, 51.0, 30.24)
    return found


def halves(width: int = 640, height: int = 320) -> Image.Image:
    """Red on the left, blue on the right: how it is turned is seen."""
    picture = Image.new("RGB", (width, height), "red")
    picture.paste("blue", (width // 2, 0, width, height))
    return picture


def photo(kind: str = "JPEG", orientation: int = 1, **options: Any) -> bytes:
    held = io.BytesIO()
    if kind == "JPEG":
        options |= {"comment": NOTE}
    if kind == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_text("Comment", NOTE.decode())
    picture = options.pop("picture", None) or halves()
    picture.save(held, kind, exif=exif(orientation), icc_profile=SRGB, **options)
    return held.getvalue()


def commented_gif() -> bytes:
    first, *others = (Image.new("RGB", (40, 20), colour) for colour in ("red", "blue", "white"))
    held = io.BytesIO()
    first.save(held, "GIF", save_all=True, append_images=others, loop=0, comment=NOTE)
    return held.getvalue()


@lru_cache(maxsize=64)
def video(
    container: str = "mp4",
    *,
    codec: str = "libx264",
    size: tuple[int, int] = (64, 48),
    seconds: int = 1,
    **said: str,
) -> bytes:
    """A second that says where it was taken, and with what."""
    said = (
        said
        or {
            "mp4": {"location": PLACE.decode(), "comment": NOTE.decode()},
            "mov": {
                "com.apple.quicktime.location.ISO6709": PLACE.decode(),
                "com.apple.quicktime.model": DEVICE.decode(),
            },
        }[container]
    )
    options = {"movflags": "use_metadata_tags"} if container == "mov" else {}
    with tempfile.NamedTemporaryFile(suffix=f".{container}") as held:
        with av.open(held.name, "w", format=container, options=options) as made:
            made.metadata.update(said)
            stream = made.add_stream(codec, rate=10)
            (stream.width, stream.height), stream.pix_fmt = size, "yuv420p"
            for n in range(10 * seconds):
                still = Image.effect_noise(size, 10 + n % 50).convert("RGB")
                made.mux(stream.encode(av.VideoFrame.from_image(still)))
            made.mux(stream.encode())
        return held.read()


def is_clean(content: bytes) -> bool:
    return not any(secret in content for secret in SECRETS)
