from __future__ import annotations

import io
import pickle
import struct
import sys
import types
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from data.torch_file import UnsafePickleError, read_state_dict
from data.weights import convert_own

HEAD = (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})


class _Tensor:
    """Pickles itself as PyTorch pickles a tensor."""

    def __init__(
        self, key: str, size: int, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]
    ) -> None:
        self.arguments = (_Storage(key, size), offset, shape, strides, False, OrderedDict())

    def __reduce__(self) -> Any:
        return sys.modules["torch._utils"]._rebuild_tensor_v2, self.arguments


class _Storage:
    def __init__(self, key: str, size: int) -> None:
        self.key, self.size = key, size


class _Pickler(pickle.Pickler):
    def persistent_id(self, value: Any) -> Any:
        if isinstance(value, _Storage):
            return "storage", sys.modules["torch"].FloatStorage, value.key, "cpu", value.size, None
        return None


@pytest.fixture(autouse=True)
def _torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules with the names that such a pickle refers to."""
    torch, internals = types.ModuleType("torch"), types.ModuleType("torch._utils")
    torch.FloatStorage = type("FloatStorage", (), {"__module__": "torch"})  # type: ignore[attr-defined]

    def _rebuild_tensor_v2() -> None: ...

    _rebuild_tensor_v2.__module__ = "torch._utils"
    _rebuild_tensor_v2.__qualname__ = "_rebuild_tensor_v2"
    internals._rebuild_tensor_v2 = _rebuild_tensor_v2  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", internals)


def _file(path: Path, tensors: Any, storages: dict[str, list[float]]) -> Path:
    content = io.BytesIO()
    for part in HEAD:
        pickle.dump(part, content, protocol=2)
    _Pickler(content, protocol=2).dump(tensors)
    pickle.dump(list(storages), content, protocol=2)
    for values in storages.values():
        content.write(struct.pack("<q", len(values)) + np.array(values, "<f4").tobytes())
    path.write_bytes(content.getvalue())
    return path


def test_tensors_come_back_by_name_also_as_views_with_strides(tmp_path: Path) -> None:
    tensors = OrderedDict(
        plain=_Tensor("7", 6, 0, (2, 3), (3, 1)),
        turned=_Tensor("7", 6, 0, (3, 2), (1, 3)),
        last=_Tensor("8", 2, 1, (), ()),
    )
    path = _file(tmp_path / "w.pth", tensors, {"7": [0, 1, 2, 3, 4, 5], "8": [8, 9]})
    read = read_state_dict(path)
    assert read["plain"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert read["turned"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert (read["last"].shape, float(read["last"])) == ((), 9.0)


class _Evil:
    def __reduce__(self) -> Any:
        return print, ("owned",)


@pytest.mark.parametrize("tensors", [_Evil(), OrderedDict(a=_Evil())])
def test_a_pickle_that_asks_for_anything_else_is_refused_and_not_run(
    tmp_path: Path, tensors: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UnsafePickleError, match=r"asks for \w+\.print"):
        read_state_dict(_file(tmp_path / "w.pth", tensors, {}))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "tensor",
    [
        _Tensor("7", 4, 2, (3,), (1,)),
        _Tensor("7", 4, -1, (2,), (1,)),
        _Tensor("7", 4, 0, (2,), (-1,)),
        _Tensor("7", 4, 0, (2, 2), (3, 1)),
    ],
)
def test_a_tensor_that_reaches_beyond_its_storage_is_refused(tmp_path: Path, tensor: _Tensor) -> None:
    path = _file(tmp_path / "w.pth", OrderedDict(a=tensor), {"7": [0, 1, 2, 3]})
    with pytest.raises(UnsafePickleError, match="beyond its storage"):
        read_state_dict(path)


@pytest.mark.parametrize(("keep", "more"), [(-3, b""), (None, b"x")])
def test_a_file_that_is_cut_off_or_too_long_is_refused(tmp_path: Path, keep: int | None, more: bytes) -> None:
    path = _file(tmp_path / "w.pth", OrderedDict(a=_Tensor("7", 2, 0, (2,), (1,))), {"7": [0, 1]})
    path.write_bytes(path.read_bytes()[:keep] + more)
    with pytest.raises(UnsafePickleError, match=r"truncated|after the last"):
        read_state_dict(path)


def test_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.pth"
    path.write_bytes(pickle.dumps(1) + pickle.dumps(2))
    with pytest.raises(UnsafePickleError, match=r"format before 1\.6"):
        read_state_dict(path)


def test_a_users_file_of_an_encoder_becomes_safetensors_without_its_classifier(tmp_path: Path) -> None:
    tensors = OrderedDict(
        {
            "features.0.weight": _Tensor("7", 4, 0, (2, 2), (2, 1)),
            "classifier.0.weight": _Tensor("7", 4, 0, (4,), (1,)),
        }
    )
    source = _file(tmp_path / "vgg19-dcbb9e9d.pth", tensors, {"7": [1, 2, 3, 4]})
    path = convert_own(source, tmp_path / "weights")
    assert path == tmp_path / "weights" / "vgg19.safetensors"
    assert {name: value.tolist() for name, value in load_file(path).items()} == {
        "features.0.weight": [[1.0, 2.0], [3.0, 4.0]]
    }
