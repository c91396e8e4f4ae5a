"""Files and posts that most networks take."""

import dataclasses

from platforms.drafts import Draft
from tests.platforms.driver import image, media, video

JPEG = media(image(format="JPEG"), content_type="image/jpeg")
PHOTO = dataclasses.replace(JPEG, alt_text="A dove")
#: With the frame that the product knows of each file.
SHAPED = dataclasses.replace(PHOTO, width=1080, height=1080)
VIDEO = media(video(), kind="video")
PICTURE, CLIP = Draft("Hello", (JPEG,)), Draft("Hello", (VIDEO,))
THREAD = Draft("One", settings={"thread": ["Two", "Three"]})
#: The simulator's setting by which a list does not have yet what is public.
LAG = {"listing_lag_seconds": 10_000}
