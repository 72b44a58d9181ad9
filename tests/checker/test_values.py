"""Values of cases as JSON and arrays: what goes in comes out, and nothing that would have to be unpickled."""

from __future__ import annotations

import io
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.checker.values import Writer, read, read_npz
from grader.errors import ConfigError, PackError


def there_and_back(value: Any, folder: Path) -> Any:
    writer = Writer()
    data = json.loads(json.dumps(writer.write(value, "f/1/x"), allow_nan=False))
    (folder / "x.npz").write_bytes(writer.npz())
    return read(data, read_npz(folder / "x.npz"))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(object(), id="an object"),
        pytest.param({1: 2}, id="a dict without text keys"),
        pytest.param(np.array([None]), id="an array of objects"),
        pytest.param(np.array(["a"]), id="an array of texts"),
    ],
)
def test_what_is_no_plain_data_is_refused_by_name(value: Any) -> None:
    with pytest.raises(PackError, match="f/1/x"):
        Writer().write(value, "f/1/x")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"array": "nowhere"}, id="an array that is not there"),
        pytest.param({"object": []}, id="an unknown kind"),
        pytest.param({"tuple": 3}, id="a tuple of nothing"),
        pytest.param({"array": "a", "scalar": "a"}, id="two kinds at once"),
    ],
)
def test_what_the_writer_never_writes_cannot_be_read(data: Any) -> None:
    with pytest.raises(ValueError, match=r"no value|no array"):
        read(data, {"a": np.zeros(1)})


def test_a_pickle_in_the_arrays_is_not_opened(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, Any]:
            return (Path(tmp_path / "exploded").touch, ())

    out = io.BytesIO()
    np.savez(out, a=np.array([Bomb()], dtype=object))
    (tmp_path / "x.npz").write_bytes(out.getvalue())
    with pytest.raises(ConfigError, match="cannot be read"):
        read_npz(tmp_path / "x.npz")
    (tmp_path / "y.npz").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(ConfigError, match="cannot be read"):
        read_npz(tmp_path / "y.npz")
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="None"),
        pytest.param(True, id="a truth value"),
        pytest.param(2**70, id="a long integer"),
        pytest.param(float("inf"), id="infinity"),
        pytest.param(1.5 - 2j, id="a complex number"),
        pytest.param((1, [2.5, {"pad": 0}], "text"), id="nested"),
        pytest.param(np.arange(6, dtype=np.int8).reshape(2, 3), id="small integers"),
        pytest.param(np.asfortranarray(np.arange(6.0).reshape(2, 3)), id="an array in column order"),
        pytest.param(np.arange(3, dtype=">f4"), id="the other byte order"),
        pytest.param(np.zeros((0, 3)), id="an empty array"),
        pytest.param(np.array(2.5), id="an array without axes"),
        pytest.param(np.float32(0.1), id="a NumPy number"),
    ],
)
def test_a_value_comes_back_as_it_was(value: Any, tmp_path: Path) -> None:
    back = there_and_back(value, tmp_path)
    assert type(back) is type(value)
    np.testing.assert_equal(back, value)
    if isinstance(value, np.ndarray):
        assert back.dtype == value.dtype.newbyteorder("=")


def test_the_same_array_is_kept_once_and_the_same_values_give_the_same_bytes() -> None:
    def written() -> Writer:
        writer = Writer()
        shared = np.arange(4.0)
        writer.write((shared, [shared.copy(), np.arange(5.0)]), "f/1/x")
        return writer

    assert len(written().arrays) == 2
    assert written().npz() == written().npz()
