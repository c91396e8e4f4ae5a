"""Draws the images, videos and documents that the demo publishes."""

import io
import math
import tempfile
from collections.abc import Iterator
from colorsys import hsv_to_rgb
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageDraw, ImageFont

FRAMES_PER_SECOND = 30
SAMPLES_PER_SECOND = 48000
UPRIGHT, WIDE = (720, 1280), (1280, 720)


def picture(text: str, width: int = 1080, height: int = 1080, phase: float = 0.15) -> bytes:
    """A JPEG. `phase`, from 0 to 1, says where the sun stands."""
    return _saved("JPEG", _scene(width, height, phase, text), quality=88)


def drawing(text: str) -> bytes:
    """A PNG of 1200 by 900 pixels."""
    return _saved("PNG", _scene(1200, 900, 0.7, text))


def animation(text: str) -> bytes:
    """A GIF of 12 pictures, 360 by 270 pixels."""
    first, *others = [_scene(360, 270, number / 12, text) for number in range(12)]
    return _saved("GIF", first, save_all=True, append_images=others, duration=120, loop=0)


def document(text: str) -> bytes:
    """A PDF of three pages."""
    first, *others = [_scene(900, 1200, number / 3, f"{text} {number + 1}") for number in range(3)]
    return _saved("PDF", first, save_all=True, append_images=others)


def _saved(form: str, image: Image.Image, **options: Any) -> bytes:
    drawn = io.BytesIO()
    image.save(drawn, form, **options)
    return drawn.getvalue()


def video(text: str, size: tuple[int, int] = UPRIGHT, seconds: int = 4) -> bytes:
    """An MP4 (H.264, AAC), 30 pictures a second."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "video.mp4"
        _encode(path, text, size, seconds)
        return path.read_bytes()


def _encode(path: Path, text: str, size: tuple[int, int], seconds: int) -> None:
    # "faststart" puts the index first, as networks ask for; it needs a file to come back to.
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        pictures = container.add_stream("libx264", rate=FRAMES_PER_SECOND)
        pictures.width, pictures.height = size
        pictures.pix_fmt = "yuv420p"
        pictures.options = {"preset": "veryfast", "crf": "25"}
        sound = container.add_stream("aac", rate=SAMPLES_PER_SECOND)
        sound.layout = "stereo"
        count = FRAMES_PER_SECOND * seconds
        for number in range(count):
            scene = _scene(size[0] // 2, size[1] // 2, number / count, text).resize(size)
            frame = av.VideoFrame.from_image(scene)  # type: ignore[no-untyped-call]
            container.mux(pictures.encode(frame))
        container.mux(pictures.encode())
        for frame in _silence(seconds):
            container.mux(sound.encode(frame))
        container.mux(sound.encode())


def _silence(seconds: int) -> Iterator[av.AudioFrame]:
    samples = 1024
    for number in range(SAMPLES_PER_SECOND * seconds // samples):
        frame = av.AudioFrame(format="fltp", layout="stereo", samples=samples)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.pts = SAMPLES_PER_SECOND, number * samples
        yield frame


def _scene(width: int, height: int, phase: float, text: str) -> Image.Image:
    """An evening sky with a moving sun, hills, and the text. `phase` runs from 0 to 1."""
    sky = Image.linear_gradient("L").resize((width, height))
    scene = Image.composite(
        Image.new("RGB", (width, height), _colour(0.06, 0.55, 1.0)),
        Image.new("RGB", (width, height), _colour(0.62 + 0.1 * phase, 0.65, 0.45)),
        sky,
    )
    draw = ImageDraw.Draw(scene)
    radius = width // 7
    x, y = width * (0.2 + 0.6 * phase), height * (0.5 - 0.22 * math.sin(math.pi * phase))
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_colour(0.12, 0.35, 1.0))
    for layer in range(3):
        draw.polygon(_hill(width, height, layer, phase), fill=_colour(0.68, 0.5, 0.4 - 0.1 * layer))
    font = ImageFont.load_default(width // 14)
    draw.text((width / 2, height * 0.86), text, fill="white", font=font, anchor="mm")
    return scene


def _hill(width: int, height: int, layer: int, phase: float) -> list[tuple[float, float]]:
    base = height * (0.62 + 0.1 * layer)
    step = max(1, width // 60)
    ridge = [
        (x, base - height * 0.05 * math.sin(x / width * 6 + layer * 2 + phase * 2 * (layer + 1)))
        for x in range(0, width + step, step)
    ]
    return [(0, height), *ridge, (width, height)]


def _colour(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = hsv_to_rgb(hue % 1, saturation, value)
    return int(red * 255), int(green * 255), int(blue * 255)
