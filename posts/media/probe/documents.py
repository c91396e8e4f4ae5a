"""Counts the pages of PDF documents, the only fact that limits need. Runs in the sandbox.

Uses pypdf, which also reads slightly damaged documents.
"""

import logging
import struct
import zlib
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import DependencyError, DeprecationError, PyPdfError
from pypdf.generic import DictionaryObject

from posts.media.probe.facts import Facts, UnreadableFile

#: This word begins and ends each object; documents of 20 MB have about ten thousand.
_OBJECT = b"obj"
MAX_OBJECTS = 200_000
#: The exceptions of pypdf for broken documents: its own, and those of what it finds in them.
BROKEN = (
    PyPdfError,
    DependencyError,
    DeprecationError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


def read(path: Path, content_type: str) -> tuple[Facts, None]:
    """Raises UnreadableFile for a file that does not begin as a PDF, or has too many objects."""
    content = path.read_bytes()
    if not content.startswith(b"%PDF-"):
        raise UnreadableFile("The file is not a PDF document.")
    if content.count(_OBJECT) > 2 * MAX_OBJECTS:
        raise UnreadableFile(f"The document has more than {MAX_OBJECTS} objects.")
    del content
    return Facts(pages=_pages(path)), None


def _pages(path: Path) -> int | None:
    """Return how many pages there are, if the pages found are as many as the document says it has.

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
    except BROKEN:
        return None
    return found if found == said else None
