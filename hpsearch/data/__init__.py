"""Data sets: read, split, standardise."""

from hpsearch.data.dataset import Dataset, Examples, Facts
from hpsearch.data.digests import fingerprint
from hpsearch.data.loading import check_columns, has_test_split, load, load_rows
from hpsearch.data.prepared import SharedFolder, load_shared
from hpsearch.data.preprocessing import Preprocessing
from hpsearch.data.rows import RowsLike
from hpsearch.data.spec import DataSpec

__all__ = [
    "DataSpec",
    "Dataset",
    "Examples",
    "Facts",
    "Preprocessing",
    "RowsLike",
    "SharedFolder",
    "check_columns",
    "fingerprint",
    "has_test_split",
    "load",
    "load_rows",
    "load_shared",
]
