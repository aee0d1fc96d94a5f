"""The process that runs one program of a stranger: bounds itself, then answers line by line, in JSON.

Usage: `python -I answering.py LANGUAGE SECONDS MEBIBYTES`. The first line is the program; the answer to it
and to each value after it is `{"ok": …}` or `{"error": "…"}`. It can open no file, and has no environment.
"""

from __future__ import annotations

import json
import re
import resource
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Make = Callable[[str], Callable[[Any], object]]


def main() -> None:
    """Answer until there is nothing more to be asked."""
    language, seconds, mebibytes = sys.argv[1:]
    make = LANGUAGES[language]()
    bound(int(seconds), int(mebibytes))
    run = answer(make, sys.stdin.buffer.readline(), quiet=True)
    for line in sys.stdin.buffer:
        answer(run, line)


def bound(seconds: int, mebibytes: int) -> None:
    """Leave this process so much processor time and memory, and no files beyond the open ones."""
    for limit, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, mebibytes << 20),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 3),
    ):
        resource.setrlimit(limit, (most, most))


def answer(run: Callable[[Any], Any], line: bytes, quiet: bool = False) -> Any:
    """Say what `run` makes of a line, or, `quiet`, only whether it makes something; gives it, too."""
    made = None
    try:
        made = run(json.loads(line))
        said = {"ok": None if quiet else made}
    except (ValueError, RuntimeError, OverflowError, re.error) as error:
        said = {"error": str(error)}
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n")
    sys.stdout.buffer.flush()
    return made


def jq_programs() -> Make:
    """A program in jq: whether the first thing that it makes of a value is anything but null and false."""
    import jq  # type: ignore[import-not-found]  # it comes without types

    def make(program: str) -> Callable[[Any], object]:
        compiled = jq.compile(program)

        def run(value: object) -> bool:
            first = next(iter(compiled.input_value(value)), None)
            return first is not None and first is not False

        return run

    return make


def jsonnet_templates() -> Make:
    """A template in jsonnet: the JSON that it yields for its arguments."""
    import _jsonnet  # type: ignore[import-untyped]  # it comes without types

    def refuse(_folder: str, name: str) -> tuple[str, bytes]:
        raise RuntimeError(f'imports are off on this server; put the text of "{name}" into the template')

    def make(template: str) -> Callable[[Any], object]:
        def run(arguments: dict[str, str]) -> str:
            text: str = _jsonnet.evaluate_snippet(
                "template", template, tla_vars=arguments, import_callback=refuse
            )
            return text

        return run

    return make


def regular_expressions() -> Make:
    """A regular expression: whether it is found in a text."""

    def make(pattern: str) -> Callable[[Any], object]:
        compiled = re.compile(pattern)
        return lambda text: compiled.search(text) is not None

    return make


LANGUAGES = {"jq": jq_programs, "jsonnet": jsonnet_templates, "regex": regular_expressions}

if __name__ == "__main__":
    main()
