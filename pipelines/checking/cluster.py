"""Rules of Pachyderm that calf is easier about, and what only calf knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from calf.kit.fieldpath import child
from calf.kit.nearest import nearest
from calf.model.errors import InvalidArgument
from calf.model.spec import FieldError, PipelineSpec
from calf.model.spec.keys import camel
from calf.model.spec.pipeline import IDENTITY_ANNOTATION
from calf.model.tolerance import TOLERANCE, read_tolerance

OURS = "calf.dev/"
ANNOTATIONS = frozenset({TOLERANCE, IDENTITY_ANNOTATION, "calf.dev/reproducible"})
"""What calf reads of a pipeline's annotations; a cluster carries them along and reads none."""
_NO_PART_OF_A_SPEC = ("update", "reprocess", "dry_run", "spec_commit", "details_json")
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"(?:(?:[A-Za-z0-9][-A-Za-z0-9.]*)(?::\d+)?/)?{_COMPONENT}(?:/{_COMPONENT})*"
    r"(?::(?P<tag>[A-Za-z0-9_][-A-Za-z0-9_.]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_FLOATING = (None, "latest")
_MACHINE = "host"
_PINNED = "a tag can change what a pipeline runs: name@sha256:..., for ours from images/digests.lock"


def check(spec: PipelineSpec, *, tags: bool) -> Iterator[FieldError]:
    """What a cluster would refuse, or what would not mean there what it means here; `tags` may pin images."""
    if spec.transform is not None:
        yield from _check_image(spec.transform.image, tags=tags)
        if not spec.transform.cmd:
            text = "no command: a cluster sets such a pipeline to FAILURE"
            yield _error("transform.cmd", text, 'say what runs: ["python", "/stage/main.py"]')
    yield from _check_annotations(spec)


def check_flags(spec: Mapping[str, Any]) -> Iterator[FieldError]:
    """What belongs to a request, and is done again with every `create pipeline -f` when it is in a file."""
    for key in _NO_PART_OF_A_SPEC:
        if key in spec or camel(key) in spec:
            yield _error(
                key, "is no part of a spec", "`pachctl update pipeline` has flags for what is asked once"
            )


def _check_image(image: str, *, tags: bool) -> Iterator[FieldError]:
    """An image as a cluster pulls it: one that there is, and always the same one."""
    found = _IMAGE.fullmatch(image)
    if image in ("", _MACHINE):
        text = "only calf runs a stage on the machine's own system" if image else "no image"
        yield _error("transform.image", text, "name an image that nodes can pull")
    elif found is None:
        yield _error("transform.image", f'"{image}" is no name of an image', "registry/name@sha256:...")
    elif found["digest"] is None and found["tag"] in _FLOATING:
        text = f'"{image}" is whatever was pushed last'
        yield _error("transform.image", text, _PINNED)
    elif found["digest"] is None and not tags:
        yield _error("transform.image", f'"{image}" has a tag and no digest', _PINNED)


def _check_annotations(spec: PipelineSpec) -> Iterator[FieldError]:
    annotations = spec.metadata.annotations if spec.metadata else {}
    for key in annotations:
        if key.startswith(OURS) and key not in ANNOTATIONS:
            meant = nearest(key, ANNOTATIONS)
            hint = f"did you mean {meant}?" if meant else f"known: {', '.join(sorted(ANNOTATIONS))}"
            yield _error(child("metadata.annotations", key), "neither calf nor a cluster reads this", hint)
    try:
        read_tolerance(annotations)
    except InvalidArgument as error:
        yield _error(child("metadata.annotations", TOLERANCE), error.message, error.hint)


def _error(field: str, problem: str, hint: str = "") -> FieldError:
    return FieldError(f"{field}: {problem}", field, hint)
