"""What split tells about its work: `manifest.csv`, `balance.csv` and `report.json`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stagekit import canonical
from stagekit.samples import CLASSES
from stagekit.split.assign import PRUNED, SPLITS, residue
from stagekit.split.params import Prune


@dataclass(frozen=True, slots=True)
class Dealt:
    """A sample with the split it got, the one its own id asks for, and its near-duplicates' lowest id."""

    id: str
    split: str
    own_split: str
    duplicate_of: str
    record: dict[str, Any]


def write_manifest(path: Path, dealt: Sequence[Dealt]) -> None:
    """Write one row a sample, by id; `duplicate_of` is empty for a sample without near-duplicates."""
    columns = (
        "id",
        "split",
        "residue",
        "duplicate_of",
        "breed",
        "species",
        *CLASSES,
        "image_sha256",
        "trimap_sha256",
    )
    rows = [
        (
            *(sample.id, sample.split, residue(sample.id), sample.duplicate_of),
            *(sample.record["breed"], sample.record["species"]),
            *(sample.record["class_shares"][name] for name in CLASSES),
            *(sample.record["source"][file]["sha256"] for file in ("image", "trimap")),
        )
        for sample in dealt
    ]
    canonical.write_csv(path, columns, rows)


def write_balance(path: Path, dealt: Sequence[Dealt]) -> None:
    """Write how many samples of each species and breed each split got; breed `*` is the whole species."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for sample in dealt:
        species, breed = sample.record["species"], sample.record["breed"]
        counts.update([(species, breed, sample.split), (species, "*", sample.split)])
    rows = []
    for species, breed in sorted({key[:2] for key in counts}):
        numbers = [counts[species, breed, split] for split in SPLITS]
        rows.append((species, breed, *numbers, sum(numbers)))
    canonical.write_csv(path, ("species", "breed", *SPLITS, "total"), rows)


def write_report(
    path: Path, dealt: Sequence[Dealt], rejected: Sequence[dict[str, Any]], prune: Prune | None
) -> None:
    """Write the counts, the rejected pairs with their reasons, the near-duplicates, and what was pruned.

    `across_splits` is true for a group whose members' own ids ask for different splits; `moved` are its
    members that were kept with the lowest id instead. `unknown` are ids of `prune` without a sample.
    """
    sizes = Counter(sample.split for sample in dealt)
    groups: dict[str, list[Dealt]] = {}
    for sample in dealt:
        if sample.duplicate_of:
            groups.setdefault(sample.duplicate_of, []).append(sample)
    report = {
        "samples": len(dealt),
        "splits": {name: {"samples": sizes[name], "share": sizes[name] / len(dealt)} for name in SPLITS},
        "rejected": {
            "share": len(rejected) / (len(dealt) + len(rejected)),
            "reasons": dict(Counter(record["reason"] for record in rejected)),
            "pairs": [{key: record[key] for key in ("id", "reason", "message")} for record in rejected],
        },
        "near_duplicates": [
            {
                "ids": [sample.id for sample in group],
                "across_splits": len({sample.own_split for sample in group}) > 1,
                "moved": [sample.id for sample in group if sample.split not in (sample.own_split, PRUNED)],
            }
            for group in groups.values()
        ],
        "pruned": _pruned(dealt, prune),
    }
    canonical.write_json(path, report)


def _pruned(dealt: Sequence[Dealt], prune: Prune | None) -> dict[str, Any]:
    there = {sample.id for sample in dealt}
    return {
        "because": prune.because if prune else "",
        "ids": [sample.id for sample in dealt if sample.split == PRUNED],
        "unknown": sorted(set(prune.ids) - there) if prune else [],
    }
