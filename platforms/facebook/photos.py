"""Photos of a post: uploaded one by one, and invisible until a post holds them.

Source: Graph API, Page photos (read 2026-11-24).
"""

from platforms.drafts import Draft, Media
from platforms.facebook.page import PageClient
from platforms.http.uploads import multipart


async def upload(draft: Draft, page: PageClient) -> list[str]:
    """The ids of the draft's photos, in its order. The checkpoint keeps `photos`."""
    photos: list[str] = list(page.checkpoint.get("photos") or ())
    for item in draft.media[len(photos) :]:
        photos.append(await _upload(item, page))
        await page.checkpoint.save(photos=photos)
    return photos


async def _upload(item: Media, page: PageClient) -> str:
    fields = {"published": "false"}
    if item.alt_text:
        fields["alt_text_custom"] = item.alt_text
    answer = await page.write(f"{page.id}/photos", **multipart(fields, "source", item))
    return answer.take("id")
