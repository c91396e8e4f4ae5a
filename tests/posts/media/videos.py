"""Tiny videos and images, valid or broken as a test needs."""

import io
import struct
import tempfile
from functools import lru_cache
from typing import Any

import av
from PIL import Image

SOUND_RATE = 44_100


@lru_cache(maxsize=64)
def picture(width: int = 64, height: int = 64, kind: str = "JPEG", mode: str = "RGB", **save: Any):
    """Noise, which no format compresses away."""
    noise = Image.effect_noise((width, height), 80).convert(mode)
    held = io.BytesIO()
    noise.save(held, kind, **save)
    return held.getvalue()


@lru_cache(maxsize=64)
def animation(count: int, kind: str = "GIF") -> bytes:
    first, *others = (Image.new("RGB", (16, 16), (n * 9 % 256, 0, 0)) for n in range(count))
    held = io.BytesIO()
    first.save(held, kind, save_all=True, append_images=others, duration=50)
    return held.getvalue()


@lru_cache(maxsize=64)
def make(
    seconds: float = 1,
    width: int = 64,
    height: int = 48,
    *,
    codec: str = "libx264",
    rate: int = 10,
    sound: bool = False,
    sound_codec: str = "aac",
    container: str = "mp4",
    **options: str,
) -> bytes:
    with tempfile.NamedTemporaryFile(suffix=f".{container}") as held:
        _video(
            held.name,
            seconds,
            width,
            height,
            codec,
            rate,
            sound and sound_codec,
            container,
            options,
        )
        return held.read()


def _video(path, seconds, width, height, codec, rate, sound, container, options) -> None:
    with av.open(path, "w", format=container, options=options) as made:
        pictures = made.add_stream(codec, rate=rate)
        pictures.width, pictures.height, pictures.pix_fmt = width, height, "yuv420p"
        sounds = made.add_stream(sound, rate=SOUND_RATE) if sound else None
        if sounds:
            sounds.layout = "stereo"
        for n in range(round(seconds * rate)):
            still = Image.effect_noise((width, height), 10 + n % 50).convert("RGB")
            made.mux(pictures.encode(av.VideoFrame.from_image(still)))
        made.mux(pictures.encode())
        if sounds:
            _silence(made, sounds, seconds)


@lru_cache(maxsize=1)
def only_sound() -> bytes:
    held = io.BytesIO()
    with av.open(held, "w", format="mp4") as made:
        sounds = made.add_stream("aac", rate=SOUND_RATE)
        sounds.layout = "stereo"
        _silence(made, sounds, 1)
    return held.getvalue()


def _silence(made: Any, sounds: Any, seconds: float) -> None:
    for place in range(0, round(seconds * SOUND_RATE), 1024):
        frame = av.AudioFrame(format=sounds.format.name, layout="stereo", samples=1024)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.pts = SOUND_RATE, place
        made.mux(sounds.encode(frame))
    made.mux(sounds.encode())


def saying(content: bytes, seconds: int) -> bytes:
    """The video with headers that say that it lasts so long."""
    changed = bytearray(content)
    for box, scale_at in ((b"mvhd", 16), (b"mdhd", 16)):
        place = -1
        while (place := changed.find(box, place + 1)) >= 0:
            (scale,) = struct.unpack_from(">I", changed, place + scale_at)
            struct.pack_into(">I", changed, place + scale_at + 4, min(seconds * scale, 2**32 - 1))
    return bytes(changed)


def turned(content: bytes) -> bytes:
    """The video as a phone held upright writes it: on its side, and saying so."""
    changed = bytearray(content)
    matrix = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 48 * 0x10000, 0, 0x40000000)
    place = changed.find(b"tkhd") + 44
    changed[place : place + 36] = matrix
    return bytes(changed)


def claiming_samples(content: bytes, count: int) -> bytes:
    """The video with an index that claims so many pictures: it asks for memory without end."""
    changed = bytearray(content)
    sizes, times, chunks = (changed.find(box) for box in (b"stsz", b"stts", b"stsc"))
    struct.pack_into(">II", changed, sizes + 8, 1, count)
    struct.pack_into(">I", changed, times + 12, count)
    struct.pack_into(">I", changed, chunks + 16, count)
    return bytes(changed)


def of_codec(content: bytes, was: bytes, name: bytes = b"zzzz") -> bytes:
    """A video whose index names another codec than the one it uses."""
    return content.replace(was, name)
