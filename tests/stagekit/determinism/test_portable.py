from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from stagekit.determinism import caches, portable, seed_everything
from stagekit.determinism.caches import NotPortableError
from stagekit.determinism.elf import NoSymbolTableError, find_symbols

_SPEC = find_spec("tensorflow")
assert _SPEC is not None
assert _SPEC.origin is not None
TENSORFLOW = Path(_SPEC.origin).parent

PROBE = """
import gc, hashlib, json
from pathlib import Path
from stagekit.determinism import caches, seed_everything

seed_everything(1, tensorflow=True, profile="portable")
left_alone = [gc.get_freeze_count(), gc.isenabled()]
import numpy, tensorflow as tf

found = [caches._table(path) for path in caches.mapped_files() if path.name.startswith("libtensorflow")]
tables = [caches._Sizes.from_address(table) for table, _guard in filter(None, found)]
pinned = [list(table) for table in tables]
matrix = tf.constant(numpy.random.default_rng(0).standard_normal((256, 1500)), tf.float32)
def product():
    return hashlib.sha256(tf.matmul(matrix, matrix, transpose_b=True).numpy().tobytes()).hexdigest()
def smaller():
    for table in tables:
        table[:] = [16 << 10, 256 << 10, 1 << 20]
first = product()
smaller()
other = product()
try:
    refused = caches.pin(Path(tf.__file__).parent)
except caches.NotPortableError as error:
    refused = str(error)
print(json.dumps([pinned, first, other, refused, left_alone]))
"""


@pytest.fixture(scope="module")
def probed() -> list[Any]:
    """What a process of its own says, the only one here that loads TensorFlow as stages do."""
    command = [sys.executable, "-c", PROBE]
    environment = {**os.environ, "PYTHONPATH": str(Path(caches.__file__).parents[2])}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return list(json.loads(ended.stdout))


def test_the_cache_sizes_are_set_in_every_library_and_decide_the_bits(probed: list[Any]) -> None:
    pinned, first, other, refused, _ = probed
    assert len(pinned) == 2
    assert all(sizes == list(caches.SIZES) for sizes in pinned)
    assert first != other
    assert "has computed before its cache sizes could be set" in refused


def test_what_tensorflow_brings_is_no_work_for_the_collector_which_goes_on(probed: list[Any]) -> None:
    objects, enabled = probed[-1]
    assert objects > 100_000
    assert enabled


def test_a_library_tells_where_its_local_symbols_lie() -> None:
    found = find_symbols(TENSORFLOW / "libtensorflow_cc.so.2", (caches._TABLE, "no_such_symbol"))
    assert found.keys() == {caches._TABLE}
    assert found[caches._TABLE].size == 3 * struct.calcsize("q")


@pytest.mark.parametrize("content", [b"", b"no library", b"\x7fELF\x02\x01" + bytes(58)])
def test_a_file_that_cannot_tell_its_symbols_is_an_error(tmp_path: Path, content: bytes) -> None:
    library = tmp_path / "lib.so"
    library.write_bytes(content)
    with pytest.raises(NoSymbolTableError, match=r"lib\.so"):
        find_symbols(library, (caches._TABLE,))


def test_a_folder_without_eigens_table_is_not_portable(tmp_path: Path) -> None:
    with pytest.raises(NotPortableError, match="no library of TensorFlow has"):
        caches.pin(tmp_path)


def test_numpy_that_was_loaded_with_other_settings_is_not_portable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"NPY_DISABLE_CPU_FEATURES": "", "OPENBLAS_CORETYPE": ""})
    pytest.importorskip("numpy")
    with pytest.raises(NotPortableError, match="numpy was loaded before NPY_DISABLE_CPU_FEATURES, OPENBLAS"):
        seed_everything(1, profile="portable")


def test_a_graph_with_an_approximate_operation_is_not_portable() -> None:
    portable.require_exact(["Exp", "LogSoftmax", "Sqrt"], "the step")
    with pytest.raises(NotPortableError, match=r"the step has operations .*: Rsqrt, Softmax"):
        portable.require_exact(["Exp", "Softmax", "Rsqrt"], "the step")
