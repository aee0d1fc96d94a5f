"""The colours of states, of the signs of a comparison and of the blocks of a bar, as Pachyderm has them."""

from __future__ import annotations

import click

_GOING_ON, _WELL, _BAD = "yellow", "green", "red"
_STATES = {
    "created": _GOING_ON,
    "starting": _GOING_ON,
    "finishing": _GOING_ON,
    "egressing": _GOING_ON,
    "restarting": _GOING_ON,
    "paused": _GOING_ON,
    "standby": _GOING_ON,
    "skipped": _GOING_ON,
    "recovered": _GOING_ON,
    "success": _WELL,
    "failure": _BAD,
    "failed": _BAD,
    "crashing": _BAD,
    "killed": _BAD,
    "unrunnable": _BAD,
}
_RUNNING = {"job": _GOING_ON, "pipeline": _WELL}
"""A job that runs is not over, a pipeline that runs is well."""
_SIGNS = {"+": _WELL, "-": _BAD}
_BLOCKS = {"▇": _WELL, "·": _GOING_ON, "✗": _BAD}


def paint(text: str) -> str:
    """The state of a job or datum, which a reason may follow; or those of a pipeline and its last job."""
    pipeline, slash, job = text.partition(" / ")
    if slash and " " not in pipeline:
        return f"{paint_pipeline(pipeline)}{slash}{paint(job)}"
    return _paint(text, "job")


def paint_pipeline(state: str) -> str:
    """The state of a pipeline."""
    return _paint(state, "pipeline")


def _paint(text: str, kind: str) -> str:
    state, colon, reason = text.partition(":")
    colour = _RUNNING[kind] if state == "running" else _STATES.get(state)
    return f"{click.style(state, fg=colour)}{colon}{reason}" if colour else text


def sign(text: str) -> str:
    """What a comparison says of a file: `+` or `-`."""
    return click.style(text, fg=_SIGNS[text]) if text in _SIGNS else text


def blocks(bar: str) -> str:
    """A bar in Pachyderm's coloured blocks; without colours it keeps a sign for each kind."""
    context = click.get_current_context(silent=True)
    if context is not None and context.color is False:
        return bar
    for block, colour in _BLOCKS.items():
        bar = bar.replace(block, click.style("▇", fg=colour))
    return bar
