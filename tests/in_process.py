"""Command lines run in this process: what a command does, without the time that Python takes to start."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from subprocess import CompletedProcess
from unittest.mock import patch


def run_here(
    main: Callable[[Sequence[str]], int], words: Sequence[str], env: Mapping[str, str], given: bytes = b""
) -> CompletedProcess[bytes]:
    """How a command ends with this environment in addition, and these bytes on its standard input."""
    out, err = io.BytesIO(), io.BytesIO()
    stdin = io.TextIOWrapper(io.BytesIO(given), "utf-8")
    with (
        patch.dict(os.environ, env),
        patch.object(sys, "stdin", stdin),
        redirect_stdout(io.TextIOWrapper(out, "utf-8", write_through=True)),
        redirect_stderr(io.TextIOWrapper(err, "utf-8", write_through=True)),
    ):
        code = main(words)
        return CompletedProcess([*words], code, out.getvalue(), err.getvalue())
