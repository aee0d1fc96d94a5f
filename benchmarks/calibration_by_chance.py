"""How much of a calibration error is the chance of the split: the held-out photos, dealt again and again.

    PYTHONPATH=src nice .cache/envs/stages/bin/python benchmarks/calibration_by_chance.py MODEL SPLIT

MODEL and SPLIT are folders as the stages (or `benchmarks/quality.py`) leave them. The photos of validation,
calibration and test are put together and dealt into two parts of the sizes of calibration and test; a
temperature is fitted on one and scored on the other. Validation chose the epoch, so it flatters a little.
Every third row and column is read, as `calibrate` does.
"""

from __future__ import annotations

import sys
from pathlib import Path

from stagekit.determinism import seed_everything

DEALS, BINS, SEED = 100, 15, 0
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def main(words: list[str]) -> int:
    """Print quantiles of ECE and mean IoU over the deals."""
    seed_everything(SEED, tensorflow=True)
    import numpy as np

    from stagekit.calibrate.choose import fit, lattice
    from stagekit.dataset import load_dataset
    from stagekit.metrics.confidence import confidence_scores
    from stagekit.metrics.segmentation import confusion, scores
    from stagekit.model.predict import load_model, predictor

    model, split = Path(words[0]), Path(words[1])
    predict = predictor(load_model(model))
    parts = [load_dataset(split / name) for name in ("calibration", "test", "validation")]
    logits = np.concatenate([lattice(predict(part.images)) for part in parts])
    masks = np.concatenate([lattice(part.masks) for part in parts])
    fitted, scored = len(parts[0]), len(parts[1])
    generator = np.random.default_rng(SEED)
    figures = []
    for _ in range(DEALS):
        places = generator.permutation(len(masks))
        one, other = places[:fitted], places[fitted : fitted + scored]
        answers = fit("temperature", logits[one], masks[one]).probabilities(logits[other])
        matrix = confusion(masks[other], answers.argmax(axis=-1), answers.shape[-1]).sum(axis=0)
        figures.append((confidence_scores(answers, masks[other], BINS).ece, scores(matrix).mean_iou))
    print(f"{DEALS} deals of {len(masks)} photos: fitted on {fitted}, scored on {scored}")
    for name, values in zip(("ECE", "mean IoU"), np.array(figures).T, strict=True):
        found = np.quantile(values, QUANTILES)
        shown = ", ".join(f"{at:.0%} {value:.4f}" for at, value in zip(QUANTILES, found, strict=True))
        print(f"{name}: {shown}")
    print(f"ECE at most 0.02 in {np.mean(np.array(figures)[:, 0] <= 0.02):.0%} of the deals")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
