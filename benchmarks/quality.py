"""How good the model gets on real photos, with how much data and after how many epochs.

Runs in the stages' environment, outside the engine, with the stages' own code and parameters:

    PYTHONPATH=src nice .cache/envs/stages/bin/python benchmarks/quality.py --pets ../shared/data/pets \
        --out /tmp/quality --profile quick --shares 0.25,0.5,1 --epochs 7

Each combination of a share of the training photos and a number of epochs is one fit, chosen on validation,
calibrated on the calibration split and scored on the test split. `<out>/fits.json` gains a record a fit (one
that is there is not made again), each with a model folder beside it, and `growth.png` shows them all.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stagekit.determinism import seed_everything

ROOT = Path(__file__).resolve().parents[1]
BINS, RESAMPLES = 15, 1000


@dataclass(frozen=True, slots=True)
class Photos:
    """The splits that a fit needs, as `Dataset`s."""

    training: Any
    validation: Any
    calibration: Any
    test: Any


def read_arguments(words: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pets", type=Path, required=True, help="folder in Oxford-IIIT Pet layout")
    parser.add_argument("--weights", type=Path, default=ROOT / ".cache/weights", help="encoders' weights")
    parser.add_argument("--out", type=Path, required=True, help="where samples and results go, and stay")
    parser.add_argument("--profile", default="quick")
    parser.add_argument("-o", "--override", action="append", default=[], metavar="BLOCK.KEY=VALUE")
    parser.add_argument("--shares", default="1", help="shares of the training photos, with commas between")
    parser.add_argument("--epochs", help="numbers of epochs, with commas between (default: the profile's)")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """Make the fits that are not there yet, smallest first; draw all."""
    asked = read_arguments(words)
    blocks = resolved(asked.profile, tuple(asked.override))
    seed_everything(blocks["train"].seed, tensorflow=True)
    photos = prepare(asked.pets, asked.out, blocks)
    from stagekit.train.fit import Trainer
    from stagekit.train.outcome import architecture_of

    trainer = Trainer(architecture_of(blocks["train"], photos.training.size), blocks["train"], asked.weights)
    for epochs in sorted(int(word) for word in (asked.epochs or str(blocks["train"].epochs)).split(",")):
        for share in sorted(float(word) for word in asked.shares.split(",")):
            params = blocks["train"].model_copy(update={"epochs": epochs})
            one_fit(trainer, photos, params, share, asked)
    draw(read_fits(asked.out), asked.out / "growth.png")
    return 0


def resolved(profile: str, overrides: tuple[str, ...]) -> dict[str, Any]:
    """The blocks of a profile, as the stages read them."""
    from stagekit.config.block import migrate
    from stagekit.config.compose import Choice
    from stagekit.config.resolve import resolve
    from stagekit.parameters import all_blocks

    choice = Choice(ROOT / "pipelines/params", profile, overrides=overrides)
    plain = resolve(choice, all_blocks()).blocks
    return {block.name: migrate(block, plain[block.name], profile) for block in all_blocks()}


def prepare(pets: Path, out: Path, blocks: dict[str, Any]) -> Photos:
    """Ingest and split, once for each size of the samples."""
    from stagekit.dataset import load_dataset
    from stagekit.ingest.run import ingest
    from stagekit.split.run import split

    samples, splits = (out / f"{word}-{blocks['ingest'].image_size}" for word in ("ingest", "split"))
    if not splits.exists():
        ingest(pets / "images", pets / "annotations", samples, blocks["ingest"])
        split(samples, splits, blocks["split"])
    return Photos(*(load_dataset(splits / name) for name in Photos.__slots__))


def one_fit(trainer: Any, photos: Photos, params: Any, share: float, asked: argparse.Namespace) -> None:
    """Fit on a share of the photos, which holds every smaller share, and record what came of it."""
    from stagekit.canonical import write_json
    from stagekit.train.batches import order
    from stagekit.train.outcome import architecture_of, epoch_record, write_outcome
    from stagekit.train.run import print_epoch

    count = max(1, round(len(photos.training) * share))
    size = photos.training.size
    changes = "".join(f"-{word}" for word in sorted(asked.override)).replace("/", "_")
    name = f"{asked.profile}-{size}px-{count}photos-{params.epochs}epochs{changes}"
    fits = read_fits(asked.out)
    if name in fits:
        return
    training = photos.training.take(sorted(order(photos.training.ids, f"{params.seed}/share")[:count]))
    wall, cpu = time.perf_counter(), time.process_time()
    fit = trainer.fit(training, photos.validation, params, print_epoch)
    spent = {"wall": round(time.perf_counter() - wall), "cpu": round(time.process_time() - cpu)}
    write_outcome(asked.out / name, fit, architecture_of(params, size), params)
    fits[name] = {
        "profile": asked.profile,
        "photos": count,
        "epochs": params.epochs,
        "size": size,
        "seconds": spent,
        "validation": epoch_record(fit.best),
        "best_epoch": fit.best.number,
        "validation_mean_iou": [epoch.validation.mean_iou for epoch in fit.history],
        "families": families(trainer, photos),
    }
    write_json(asked.out / "fits.json", fits)
    print(name, json.dumps(fits[name], indent=1), flush=True)


def families(trainer: Any, photos: Photos) -> dict[str, Any]:
    """Calibrate by each family, and score on the test split, with intervals over photos."""
    from stagekit.calibrate.calibration import METHODS
    from stagekit.calibrate.choose import cross_validate, fit, lattice
    from stagekit.metrics.folds import fold_numbers

    seed = 0
    before, asked = trainer.predict(photos.calibration.images), trainer.predict(photos.test.images)
    truth = photos.calibration.masks
    held = cross_validate(before, truth, fold_numbers(photos.calibration.ids, 5, seed))
    records = {}
    for method, family in zip(METHODS, held, strict=True):
        calibration = fit(method, lattice(before), lattice(truth))
        records[method] = {
            "cross_validated": {"nll": family.mean, "mean_iou": family.mean_iou},
            **test_scores(calibration.probabilities(asked), photos.test.masks, seed),
        }
    return records


def test_scores(probabilities: Any, masks: Any, seed: int) -> dict[str, Any]:
    """Score answers: figure by figure, and the intervals of mean IoU and ECE."""
    from stagekit.calibrate.intervals import score_intervals
    from stagekit.metrics.bootstrap import mean_iou_interval
    from stagekit.metrics.confidence import confidence_scores
    from stagekit.metrics.segmentation import confusion, scores

    matrices = confusion(masks, probabilities.argmax(axis=-1), probabilities.shape[-1])
    return {
        "mean_iou": scores(matrices.sum(axis=0)).mean_iou,
        "mean_iou_interval": mean_iou_interval(matrices, RESAMPLES, seed),
        "iou": scores(matrices.sum(axis=0)).iou,
        **confidence_scores(probabilities, masks, BINS).as_record(),
        "ece_interval": score_intervals(probabilities, masks, BINS, RESAMPLES, seed)["ece"],
    }


def read_fits(out: Path) -> dict[str, Any]:
    """The records so far."""
    path = out / "fits.json"
    fits: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return fits


def draw(fits: dict[str, Any], path: Path) -> None:
    """Draw mean IoU over photos (test, with intervals) and over epochs (validation)."""
    from stagekit.report.figures import panels, save

    figure, ((left, right),) = panels(2)
    rows = sorted(fits.values(), key=lambda row: (row["size"], row["epochs"], row["photos"]))
    for size, epochs in sorted({(row["size"], row["epochs"]) for row in rows}):
        line = [row for row in rows if (row["size"], row["epochs"]) == (size, epochs)]
        middles = [row["families"]["none"]["mean_iou"] for row in line]
        ends = [row["families"]["none"]["mean_iou_interval"] for row in line]
        below = [middle - low for middle, (low, _) in zip(middles, ends, strict=True)]
        above = [high - middle for middle, (_, high) in zip(middles, ends, strict=True)]
        left.errorbar(
            [row["photos"] for row in line],
            middles,
            (below, above),
            marker="o",
            capsize=3,
            label=f"{size} px, {epochs} epochs",
        )
    for row in rows:
        values = row["validation_mean_iou"]
        label = f"{row['size']} px, {row['photos']} photos, {row['epochs']} epochs"
        right.plot(range(1, len(values) + 1), values, marker=".", label=label)
    left.set(title="Mean IoU on test, by training photos", xlabel="training photos", xlim=(0, None))
    right.set(title="Mean IoU on validation, by epoch", xlabel="epoch")
    for panel in (left, right):
        panel.set_ylim(0, 0.9)
        panel.legend(loc="lower right")
    save(figure, path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
