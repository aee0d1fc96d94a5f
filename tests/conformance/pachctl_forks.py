"""Runs pachctl many times, each in a process of its own that is forked from this one, which has loaded it: to
load it costs more than most commands do.

Reads lines of JSON: `arguments`, `environment`, `cwd`, and `folder`, which holds a file `stdin` and gets
`stdout` and `stderr`. Answers each with a line, the exit code.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

import calf.client.connection  # what nearly every command loads
import calf.wire.messages  # noqa: F401 - the same
from calf.cli.main import main

SECONDS = 60
"""What a command may take; then SIGALRM ends it."""


def run(request: dict[str, Any]) -> NoReturn:
    """Be a pachctl."""
    signal.alarm(SECONDS)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    folder = Path(request["folder"])
    os.dup2(os.open(folder / "stdin", os.O_RDONLY), 0)
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
    sys.argv = ["pachctl", *request["arguments"]]
    code = 1
    try:
        code = main(request["arguments"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    for line in sys.stdin:
        child = os.fork() or run(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
