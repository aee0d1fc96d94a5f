"""Having a stranger's program run beside this process, and asking it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import IO, Any

from calf.runner.process import start_answering

SECONDS, MEBIBYTES = 5, 512
"""Of processor time and of memory, for all that one program is asked."""
_LONGEST = 32 << 20
_SCRIPT = Path(__file__).with_name("answering.py")

Ask = Callable[[object], Any]
"""Takes a value, gives the program's answer to it; raises `Refusal`."""


class Language(Enum):
    """What programs are written in, and what they answer."""

    JQ = "jq"
    """Of a value: whether the first thing that comes out is anything but null and false."""
    JSONNET = "jsonnet"
    """Of its arguments, texts by name: the JSON that it yields. It cannot import."""
    REGEX = "regex"
    """Of a text: whether the pattern is found in it."""


class Refusal(Exception):
    """What is wrong with the program: in the words of its language, or that it takes too much."""


@contextmanager
def engage(language: Language, program: str) -> Iterator[Ask]:
    """Run `program` for as long as the block lasts. Raises `Refusal` for one that makes no sense."""
    argv = (sys.executable, "-I", str(_SCRIPT), language.value, str(SECONDS), str(MEBIBYTES))
    with start_answering(argv) as (requests, answers):

        def ask(value: object) -> Any:
            return _ask(requests, answers, value)

        ask(program)
        yield ask


def _ask(requests: IO[bytes], answers: IO[bytes], value: object) -> Any:
    try:
        requests.write(json.dumps(value).encode() + b"\n")
        requests.flush()
        line = answers.readline(_LONGEST)
    except BrokenPipeError:
        line = b""
    if not line.endswith(b"\n"):
        raise Refusal(f"it takes more than {SECONDS} seconds or {MEBIBYTES} MiB")
    answer = json.loads(line)
    if "error" in answer:
        raise Refusal(answer["error"])
    return answer["ok"]
