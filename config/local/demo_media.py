"""A picture and a short film to publish, made on the spot."""

import io
import math
import tempfile
from colorsys import hsv_to_rgb
from pathlib import Path

import av
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, FRAMES_PER_SECOND, SECONDS = 720, 1280, 30, 3


def picture(text: str) -> bytes:
    """A JPEG of 1080 by 1080 pixels."""
    drawn = io.BytesIO()
    _scene(1080, 1080, 0.15, text).save(drawn, "JPEG", quality=88)
    return drawn.getvalue()


def film(text: str) -> bytes:
    """An MP4 (H.264) of three seconds, upright, 30 pictures a second."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        _encode(path, text)
        return path.read_bytes()


def _encode(path: Path, text: str) -> None:
    # "faststart" puts the index first, as networks ask for; it needs a file to come back to.
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=FRAMES_PER_SECOND)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "28"}
        count = FRAMES_PER_SECOND * SECONDS
        for number in range(count):
            scene = _scene(WIDTH // 2, HEIGHT // 2, number / count, text).resize((WIDTH, HEIGHT))
            frame = av.VideoFrame.from_image(scene)  # type: ignore[no-untyped-call]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


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
