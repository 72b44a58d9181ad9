"""Writes the values of a case as JSON, with its arrays on the side, and reads them back.

The arrays go into an ``.npz`` that anybody can open with ``numpy.load``; JSON holds the rest and names
them. Never a pickle: a file that a student was sent by a friend must not be able to run anything.

    null, true, 1, 1.5, "text", [...]      themselves
    {"array": KEY}  {"scalar": KEY}        an array of the .npz, a NumPy scalar
    {"tuple": [...]}  {"dict": {...}}      with text keys
    {"complex": [re, im]}  {"float": "inf"}
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from grader.errors import ConfigError, PackError
from grader.model import Value

Arrays = dict[str, "np.ndarray[Any, Any]"]


class Writer:
    """Collects arrays while values are written; an array that is there already is not kept twice."""

    def __init__(self) -> None:
        self.arrays: Arrays = {}
        self._known: dict[tuple[str, tuple[int, ...], bytes], str] = {}

    def write(self, value: Value, key: str) -> Any:
        """``value`` as JSON data; its arrays are named after ``key``."""
        if value is None or type(value) in (bool, int, str):
            return value
        if type(value) is float:
            return value if math.isfinite(value) else {"float": str(value)}
        if isinstance(value, np.ndarray):
            return {"array": self._keep(value, key)}
        if isinstance(value, np.generic):
            return {"scalar": self._keep(np.asarray(value), key)}
        if type(value) is complex:
            return {"complex": [value.real, value.imag]}
        if isinstance(value, (tuple, list)):
            items = [self.write(item, f"{key}.{k}") for k, item in enumerate(value)]
            return {"tuple": items} if isinstance(value, tuple) else items
        if isinstance(value, dict) and all(type(name) is str for name in value):
            return {"dict": {name: self.write(item, f"{key}.{name}") for name, item in value.items()}}
        raise PackError(f"{key}: a {type(value).__name__} cannot be handed out as plain data")

    def _keep(self, array: np.ndarray[Any, Any], key: str) -> str:
        if array.dtype.kind not in "biufc":
            raise PackError(f"{key}: an array of dtype {array.dtype} cannot be handed out as plain data")
        plain = np.array(array, dtype=array.dtype.newbyteorder("<"), order="C")
        mark = (plain.dtype.str, plain.shape, plain.tobytes())
        if mark not in self._known:
            self._known[mark] = key
            self.arrays[key] = plain
        return self._known[mark]

    def npz(self) -> bytes:
        """The arrays as a file; the same arrays give the same bytes."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            for key, array in self.arrays.items():
                entry = io.BytesIO()
                np.save(entry, array, allow_pickle=False)
                info = zipfile.ZipInfo(f"{key}.npy", date_time=(1980, 1, 1, 0, 0, 0))
                info.external_attr = 0o644 << 16
                archive.writestr(info, entry.getvalue())
        return out.getvalue()


def read_npz(path: Path) -> Arrays:
    """The arrays of an ``.npz``.

    Raises ConfigError where it cannot be read; what would have to be unpickled is refused.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; it belongs to the checks beside it") from None
    except (OSError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise ConfigError(f"{path}: cannot be read ({error}); was it downloaded completely?") from None


def read(data: Any, arrays: Mapping[str, np.ndarray[Any, Any]]) -> Value:
    """The value that ``data`` stands for.

    Raises ValueError where it is nothing that ``Writer`` writes.
    """
    if data is None or isinstance(data, (bool, int, float, str)):
        return data
    if isinstance(data, list):
        return [read(item, arrays) for item in data]
    if isinstance(data, dict) and len(data) == 1:
        ((kind, inside),) = data.items()
        if kind in ("array", "scalar") and inside in arrays:
            array = arrays[inside]
            return array if kind == "array" else array[()]
        if kind == "tuple" and isinstance(inside, list):
            return tuple(read(item, arrays) for item in inside)
        if kind == "dict" and isinstance(inside, dict):
            return {name: read(item, arrays) for name, item in inside.items()}
        if kind == "complex" and isinstance(inside, list) and len(inside) == 2:
            return complex(*inside)
        if kind == "float" and inside in ("inf", "-inf", "nan"):
            return float(inside)
        if kind in ("array", "scalar"):
            raise ValueError(f"there is no array {inside!r} in the .npz")
    raise ValueError(f"{str(data)[:60]} is no value")
