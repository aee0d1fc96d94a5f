"""Keys of Pachyderm 1.x that 2.x dropped, and what took their place: help for people with old specs."""

from __future__ import annotations

import re

SUCCESSORS = {
    "standby": "use autoscaling",
    "enable_stats": "leave it out: statistics are always kept",
    "chunk_spec": "use datum_set_spec",
    "cache_size": "leave it out: there is no such cache any more",
    "max_queue_size": "leave it out: use datum_set_spec to size batches",
    "hashtree_spec": "leave it out: output trees need no setting",
    "incremental": "leave it out: unchanged datums are skipped anyway",
    "scale_down_threshold": "use autoscaling",
    "resource_spec": "use resource_requests and resource_limits",
    "batch": "leave it out: use datum_set_spec to size batches",
    "inputs": "use input (with cross for several)",
    "build": "build the image before, and name it in transform.image",
    "parallelism_spec.coefficient": "use parallelism_spec.constant",
    "parallelism_spec.strategy": "use parallelism_spec.constant",
    "input.atom": "use input.pfs",
    "input.git": "push the files into a repo, and use input.pfs",
    "spout.overwrite": "leave it out: the spout decides with each put",
    "spout.marker": "keep the mark in a repo of your own",
    "transform.build": "build the image before, and name it in transform.image",
}
_INNER_INPUT = re.compile(r"input\.(?:cross|union|join|group)\[\d+\](?:\.\w+\[\d+\])*")


def successor(path: str) -> str | None:
    """What to do instead of the field at `path`, or None when 1.x had no such field either."""
    return SUCCESSORS.get(_INNER_INPUT.sub("input", path))
