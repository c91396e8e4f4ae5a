"""Documents: only what limits ask about, which is the number of pages. To be called in the sandbox.

Through pypdf, which also reads documents that are a little damaged.
"""

import logging
from pathlib import Path

from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from posts.probing.facts import Facts, Unreadable

#: An object is begun and ended by this word; documents of 20 MB have some ten thousand.
_OBJECT = b"obj"
MAX_OBJECTS = 200_000


def read(path: Path, content_type: str) -> tuple[Facts, None]:
    """Raises Unreadable unless the file begins as a PDF, and for one of too many objects."""
    content = path.read_bytes()
    if not content.startswith(b"%PDF-"):
        raise Unreadable("The file is not a PDF document.")
    if content.count(_OBJECT) > 2 * MAX_OBJECTS:
        raise Unreadable(f"The document has more than {MAX_OBJECTS} objects.")
    del content
    return Facts(pages=_pages(path)), None


def _pages(path: Path) -> int | None:
    """How many pages there are, if the pages found are as many as the document says it has.

    None where they differ, or cannot be counted, as in encrypted documents: no number is better
    than a wrong one.
    """
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(path)
        if reader.is_encrypted:
            return None
        tree = reader.root_object["/Pages"].get_object()
        said = tree.get("/Count") if isinstance(tree, DictionaryObject) else None
        found = len(reader.pages)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a broken document raises what its breakage leads to
        return None
    return found if found == said else None
