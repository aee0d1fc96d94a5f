"""One call at the start of each stage that makes its bits repeatable.

What the launcher must set, since it is too late here: PYTHONHASHSEED, TZ and SOURCE_DATE_EPOCH (each stage's
Dockerfile does). What a result depends on is the *constant* number of intra-op threads, and not the
machine's cores (measured: 1, 2, 4 and 8 threads give four digests; the visible cores and inter-op threads
change nothing). In the profile `default` it depends on the processor too; in `portable` (see that module)
any x86-64 processor with AVX2 and FMA gives the same bits.
"""

from __future__ import annotations

import gc
import importlib
import os
import random
import sys
from importlib.util import find_spec
from typing import Any, Literal

from stagekit.determinism import portable

INTRA_OP_THREADS = 2

Profile = Literal["default", "portable"]

_SINGLE_THREADED = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def seed_everything(
    seed: int,
    *,
    tensorflow: bool = False,
    profile: Profile = "default",
    intra_op_threads: int = INTRA_OP_THREADS,
) -> None:
    """Seed Python, NumPy and, if asked, TensorFlow, with op determinism and constant intra-op threads.

    Call it before anything else imports NumPy or TensorFlow: BLAS reads its thread count, and TensorFlow
    its log level and devices, from the environment when they are loaded. Only CPUs are used. Raises
    `NotPortableError` when the profile is `portable` and its promise cannot be kept here.
    """
    for name in _SINGLE_THREADED:
        os.environ[name] = "1"
    if profile == "portable":
        portable.choose_instructions()
    random.seed(seed)
    if find_spec("numpy"):
        importlib.import_module("numpy").random.seed(seed)
        if profile == "portable":
            portable.check_numpy()
    if tensorflow:
        _seed_tensorflow(seed, profile, intra_op_threads)


def _seed_tensorflow(seed: int, profile: Profile, intra_op_threads: int) -> None:
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    # Left alone, TensorFlow decides by the processor; on is faster, off is what `portable` needs.
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0" if profile == "portable" else "1"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    tf = _tensorflow()
    if profile == "portable":
        portable.pin_tensorflow()
    tf.config.threading.set_intra_op_parallelism_threads(intra_op_threads)
    tf.config.threading.set_inter_op_parallelism_threads(intra_op_threads)
    tf.keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def _tensorflow() -> Any:
    """Import TensorFlow without looking for garbage in what it makes, then or ever: a sixth of its start.

    A million objects that all live until the end are what the collector would go through again and again.
    """
    if "tensorflow" in sys.modules or not gc.isenabled():
        return importlib.import_module("tensorflow")
    gc.disable()
    try:
        return importlib.import_module("tensorflow")
    finally:
        gc.freeze()
        gc.enable()
