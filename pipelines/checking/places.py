"""Every spec, in every place that it is for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calf.kit.strict_yaml import load_all
from calf.model.spec import FieldError, PipelineSpec, parse, validate
from calf.model.spec.merging import merge
from checking import cluster, kubernetes, together, wire
from checking.reading import Source
from checking.rendering import Images, is_built, is_ours
from driver import repos
from driver.checkout import StepFailedError

CALF, CLUSTER, WITH_GPUS = "calf", "cluster", "cluster-gpu"
REPOS = frozenset({*repos.REPOS, *repos.PROOF_REPOS})
"""Those that `make run` and the delivery make before any pipeline."""


@dataclass(frozen=True, slots=True)
class Places:
    """What differs between them: the images, and what is laid over specs where there are GPUs."""

    images: Images
    overlays: Path
    repos: frozenset[str] = REPOS


@dataclass(slots=True)
class Checked:
    """A spec, what is wrong with it and where, and what each place is given."""

    source: Source
    problems: list[tuple[str, FieldError]] = field(default_factory=list)
    newer: list[str] = field(default_factory=list)
    rendered: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    spec: PipelineSpec | None = None

    @property
    def image(self) -> str:
        """What a cluster runs it in; empty while that is not known."""
        transform = self.rendered.get(CLUSTER, {}).get("transform", {})
        return str(transform.get("image", "")) if isinstance(transform, Mapping) else ""


def check_all(sources: Sequence[Source], places: Places, libraries: wire.Libraries) -> list[Checked]:
    """All of them, and how they go together; the first thing wrong hides no other."""
    checked = [_check(source, places, libraries) for source in sources]
    by_spec = {id(each.spec): each for each in checked if each.spec is not None}
    specs = [each.spec for each in checked if each.spec is not None]
    for spec, error in together.check(specs, places.repos):
        by_spec[id(spec)].problems.append((CLUSTER, error))
    return checked


def _check(source: Source, places: Places, libraries: wire.Libraries) -> Checked:
    checked = Checked(source, rendered={CALF: source.value})
    try:
        checked.spec = _read(source.value)
    except FieldError as error:
        checked.problems.append((CALF, error))
    checked.newer = wire.newer_fields(source.value, libraries)
    image = checked.spec.transform.image if checked.spec and checked.spec.transform else ""
    if is_ours(image) and not is_built(image):
        text = f"transform.image: nobody builds {image}: there is no such stage"
        checked.problems.append((CALF, FieldError(text, "transform.image", "stages/ has them")))
    for place, overlay in _overlays(source, places.overlays):
        checked.problems += [(place, each) for each in _render(checked, place, overlay, places.images)]
        wanted = checked.rendered.get(place, merge(source.value, overlay))
        known = {(found.field, found.message) for _, found in checked.problems}
        for each in (*wire.check_fields(wanted, libraries), *_rules(wanted, places.images)):
            if (each.field, each.message) not in known:
                checked.problems.append((place, each))
    return checked


def _read(value: Mapping[str, Any]) -> PipelineSpec:
    spec = parse(value)
    validate(spec)
    return spec


def _overlays(source: Source, folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The places of a cluster, with what is laid over the spec there."""
    yield CLUSTER, {}
    file = folder / f"{source.name}.yaml"
    if file.is_file():
        (document,) = load_all(file.read_text(), str(file))
        yield WITH_GPUS, document.value


def _render(checked: Checked, place: str, overlay: Mapping[str, Any], images: Images) -> Iterator[FieldError]:
    """Take down what the place is given; without a single digest the whole check says so, once."""
    try:
        checked.rendered[place] = images.put(checked.source.value, overlay)
    except StepFailedError as error:
        if images.digests:
            yield FieldError(str(error), "transform.image")


def _rules(value: Mapping[str, Any], images: Images) -> Iterator[FieldError]:
    """All rules but those that need a spec which calf can read, where it cannot."""
    try:
        yield from cluster.check_flags(value)
        spec = _read(value)
    except FieldError as error:
        yield error
        return
    errors = (*cluster.check(spec, tags=bool(images.tag)), *kubernetes.check(spec))
    image = spec.transform.image if spec.transform else ""
    unnamed = is_ours(image)  # its digest is missing, which is said already
    yield from (error for error in errors if not (unnamed and error.field == "transform.image"))
