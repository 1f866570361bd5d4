"""Search spaces that were written for other tools, turned into configs of ours."""

from hpsearch.importing.read import import_config, left_to_do
from hpsearch.importing.translation import Note, Translation

__all__ = ["Note", "Translation", "import_config", "left_to_do"]
