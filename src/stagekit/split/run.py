"""Split of all samples: each goes, by reference, into the folder of its split."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from stagekit.errors import StageError
from stagekit.samples import Sample, list_samples
from stagekit.split.assign import PRUNED, SPLITS, split_of
from stagekit.split.duplicates import duplicate_groups
from stagekit.split.params import Prune, SplitParams
from stagekit.split.report import Dealt, write_balance, write_manifest, write_report


def split(ingested: Path, out: Path, params: SplitParams) -> None:
    """Deal the samples of ingest's output into `out/<split>/<id>/`, and write manifest, balance and report.

    Raises `StageError` when too many pairs were rejected, when there are no samples, or when a split gets
    none.
    """
    samples = list_samples(ingested / "samples")
    rejected = _rejected(ingested / "rejected")
    _check_rejected_share(len(samples), rejected, params)
    if not samples:
        raise StageError("ingest's output has no samples: put photos and trimaps into the pets repo")
    dealt = deal({sample.id: sample.record() for sample in samples}, params)
    if params.prune:
        dealt = leave_out(dealt, params.prune)
    _check_sizes(dealt)
    for sample, to in zip(samples, dealt, strict=True):
        if to.split != PRUNED:
            _refer(sample, out / to.split / sample.id)
    write_manifest(out / "manifest.csv", dealt)
    write_balance(out / "balance.csv", dealt)
    write_report(out / "report.json", dealt, rejected, params.prune)


def deal(records: dict[str, dict[str, Any]], params: SplitParams) -> list[Dealt]:
    """Give each sample its split, by id; near-duplicates follow the lowest id where so asked."""
    hashes = {name: record["perceptual_hash"] for name, record in records.items()}
    leader = {
        name: group[0] for group in duplicate_groups(hashes, params.max_hash_distance) for name in group
    }
    follow = params.near_duplicates == "together"
    dealt = []
    for name, record in sorted(records.items()):
        own = split_of(name, params.shares)
        given = split_of(leader.get(name, name), params.shares) if follow else own
        dealt.append(Dealt(name, given, own, leader.get(name, ""), record))
    return dealt


def leave_out(dealt: Sequence[Dealt], prune: Prune) -> list[Dealt]:
    """Mark the listed samples as pruned; ids that there are no samples of are only reported.

    Raises `StageError` for one outside of training: what a model is judged by stays as it is.
    """
    listed = set(prune.ids)
    judges = [
        f"{sample.id} is in {sample.split}"
        for sample in dealt
        if sample.id in listed and sample.split != "training"
    ]
    if judges:
        raise StageError(
            f"split.prune.ids may hold training samples only: {'; '.join(judges[:3])}. Take them out"
        )
    return [replace(sample, split=PRUNED) if sample.id in listed else sample for sample in dealt]


def _refer(sample: Sample, folder: Path) -> None:
    """Link the sample's files: the engine stores what links into an input lead to, without a copy."""
    folder.mkdir(parents=True)
    for path in (sample.image, sample.mask, sample.folder / "sample.json"):
        (folder / path.name).symlink_to(path.absolute())


def _rejected(folder: Path) -> list[dict[str, Any]]:
    paths = sorted(folder.glob("*.json"), key=lambda path: path.name)
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def _check_rejected_share(good: int, rejected: Sequence[dict[str, Any]], params: SplitParams) -> None:
    total = good + len(rejected)
    if len(rejected) <= params.max_rejected_share * total:
        return
    reasons = Counter(record["reason"] for record in rejected)
    told = ", ".join(f"{count} x {reason}" for reason, count in sorted(reasons.items()))
    first = "; ".join(record["message"] for record in rejected[:5])
    raise StageError(
        f"ingest rejected {len(rejected)} of {total} pairs, more than "
        f"max_rejected_share {params.max_rejected_share} allows: {told}. "
        f"The first: {first}. Mend them in the pets repo, or raise split.max_rejected_share"
    )


def _check_sizes(dealt: Sequence[Dealt]) -> None:
    sizes = Counter(sample.split for sample in dealt)
    empty = [name for name in SPLITS if not sizes[name]]
    if empty:
        raise StageError(
            f"{len(dealt)} samples are too few: none fell into {', '.join(empty)}. "
            "Put more photos into the pets repo, or change split.shares"
        )
