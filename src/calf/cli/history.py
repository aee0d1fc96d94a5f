"""`--history`: how many versions back a listing goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

_WORDS = {"none": 0, "all": -1}


def history_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--history N|all|none`, handed over as a number as the API has it: 0 is none, -1 all."""
    return click.option(
        "--history",
        default="none",
        metavar="N|all|none",
        callback=lambda _ctx, _option, text: read_history(text),
        help="Also those of so many older versions; default: none.",
    )(function)


def read_history(text: str) -> int:
    """The API's number for what was typed."""
    if text in _WORDS:
        return _WORDS[text]
    if text.isdigit() or text == "-1":
        return int(text)
    raise click.UsageError(f"--history takes a number, all or none, not {text!r}")
