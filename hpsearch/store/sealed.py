r"""A JSON object that carries its own checksum, as its last key.

    {"epoch": 3, "dev_error": 0.0417, "crc": "ce7e3d9b"}
    ╰─────────── these bytes ───────╯        ╰ their crc32, eight hexadecimal digits

Anything that reads JSON reads it. The seal is compared byte for byte, so that every damage of up
to 32 neighbouring bits, in the object or in the seal, is found for certain, and any other but for
one in four thousand million. Text is ASCII (``\u00e9``): no editor or locale changes its bytes.
Numbers are written with as many digits as it takes to read the same bits again.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from hpsearch.portable import well_formed

_SEAL_BYTES = len('"crc": "00000000"}')


def seal(record: Mapping[str, Any]) -> bytes:
    """The object on one line, sealed, without the line's end; keys keep their order.

    >>> seal({"epoch": 3})
    b'{"epoch": 3, "crc": "31db2f04"}'

    Raises:
        ValueError: a number is not finite.
        TypeError: a value is not JSON.
    """
    assert "crc" not in record, "the key crc is the seal's"
    opened = _as_json(record)
    if "\\ud" in opened:  # half of a surrogate pair, perhaps: the rare text that has to be escaped
        opened = _as_json(well_formed(record))
    opened = opened[:-1]
    body = (opened + ", " if record else opened).encode("ascii")
    return body + _seal_of(body)


def unseal(line: bytes) -> dict[str, Any]:
    """The object in a sealed line, without its seal.

    Raises:
        ValueError: the line is damaged; the message says how.
    """
    check_seal(line)
    record: dict[str, Any] = json.loads(line)  # what ends with a seal is an object, or no JSON
    del record["crc"]
    return dict(well_formed(record)) if b"\\ud" in line else record  # written before it was escaped


def check_seal(line: bytes) -> None:
    """Compare the line with its checksum, and read nothing of it.

    Raises:
        ValueError: the line is damaged; the message says how.
    """
    if line[-_SEAL_BYTES:] != _seal_of(line[:-_SEAL_BYTES]):
        raise ValueError("its checksum does not match")


def checksum(data: bytes) -> str:
    """The crc32 of some bytes, as eight hexadecimal digits."""
    return f"{zlib.crc32(data):08x}"


def _as_json(record: Mapping[str, Any]) -> str:
    return json.dumps(record, allow_nan=False, default=_as_dict)


def _as_dict(value: object) -> dict[Any, Any]:
    """A mapping that is no dict, for ``json``."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _seal_of(body: bytes) -> bytes:
    return f'"crc": "{checksum(body)}"}}'.encode("ascii")
