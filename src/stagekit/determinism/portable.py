"""The profile `portable`: the same bits on every x86-64 processor that has AVX2 and FMA.

What makes bits depend on the processor, and what is done about it (measured: docs/determinism.md):

* NumPy, OpenBLAS and oneDNN choose kernels by instruction set: each is held to AVX2.
* TensorFlow's own kernels (Eigen) cut matrix products by the sizes of the caches, so sums are added in
  another order: Eigen's table of cache sizes is set to constants (see `caches`).
* oneDNN has such tables inside too, so its graph kernels are off.
* `rcpps` and `rsqrtps` give other approximations on other processors, and a step of Newton after them does
  not hide it: graphs must not hold the operations that use them (`APPROXIMATE_OPS`).

Everything that is asked for is also checked: what cannot be promised is an error, never a silent difference.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from stagekit.determinism import caches
from stagekit.determinism.caches import NotPortableError

APPROXIMATE_OPS = frozenset(
    {
        "FusedBatchNorm",
        "FusedBatchNormV2",
        "FusedBatchNormV3",
        "Inv",
        "Reciprocal",
        "Rsqrt",
        "Softmax",
        "SoftmaxCrossEntropyWithLogits",
        "SparseSoftmaxCrossEntropyWithLogits",
    }
)
"""TensorFlow's operations that approximate a reciprocal or a root by what the processor offers."""

_BEFORE_NUMPY = {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR", "OPENBLAS_CORETYPE": "Haswell"}
_BEFORE_TENSORFLOW = {"ONEDNN_MAX_CPU_ISA": "AVX2", "TF_ENABLE_ONEDNN_OPTS": "0"}
_AVX2_AND_FMA = "X86_V3"


def choose_instructions() -> None:
    """Hold NumPy, OpenBLAS and oneDNN to AVX2, by what they read from the environment when they are loaded.

    Raises `NotPortableError` when one was loaded before with other settings.
    """
    for module, settings in (("numpy", _BEFORE_NUMPY), ("tensorflow", _BEFORE_TENSORFLOW)):
        late = [name for name, value in settings.items() if os.environ.get(name) != value]
        if late and module in sys.modules:
            raise NotPortableError(f"{module} was loaded before {', '.join(late)} could be set")
        os.environ.update(settings)


def check_numpy() -> None:
    """See that NumPy and its OpenBLAS took the settings. Raises `NotPortableError`."""
    core = importlib.import_module("numpy._core._multiarray_umath")
    features = core.__cpu_features__
    if not features.get(_AVX2_AND_FMA):
        raise NotPortableError("this processor has no AVX2 and FMA; use the profile default here")
    above = [name for name in core.__cpu_dispatch__ if name != _AVX2_AND_FMA and features[name]]
    if above:
        raise NotPortableError(f"NumPy still uses {', '.join(above)}")
    if core.__cpu_baseline__ and "X86_V4" in core.__cpu_baseline__:
        raise NotPortableError("this NumPy was built for AVX-512 only")
    kernels = _openblas_kernels()
    if kernels != "Haswell":
        raise NotPortableError(f"OpenBLAS uses its kernels for {kernels or 'an unknown processor'}")


def pin_tensorflow() -> None:
    """Set Eigen's cache sizes; call it when TensorFlow is loaded and has computed nothing yet.

    Raises `NotPortableError` where that cannot be done, or cannot be seen to be done.
    """
    caches.pin(Path(str(importlib.import_module("tensorflow").__file__)).parent)


def require_exact(operations: Iterable[str], where: str) -> None:
    """Raise `NotPortableError` when a graph's operations are not exact on every processor."""
    found = sorted(APPROXIMATE_OPS & set(operations))
    if found:
        raise NotPortableError(f"{where} has operations that differ between processors: {', '.join(found)}")


def _openblas_kernels() -> str:
    """Give the name of the processor whose kernels the loaded OpenBLAS uses; empty when it cannot tell."""
    loaded = [path for path in caches.mapped_files() if "openblas" in path.name]
    for path in loaded:
        library = ctypes.CDLL(str(path))
        for name in ("scipy_openblas_get_corename64_", "openblas_get_corename64_", "openblas_get_corename"):
            ask = getattr(library, name, None)
            if ask is not None:
                ask.restype = ctypes.c_char_p
                return str(ask().decode())
    return ""
