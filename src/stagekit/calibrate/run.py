"""The stage calibrate: fit on the calibration split, score before and after, hand the model on."""

from __future__ import annotations

from pathlib import Path

from stagekit.calibrate.calibration import UNCALIBRATED, Calibration, write_calibration
from stagekit.calibrate.params import CalibrateParams
from stagekit.calibrate.temperature import fit_temperature
from stagekit.canonical import write_json
from stagekit.dataset import load_dataset
from stagekit.metrics.confidence import confidence_scores, reliability
from stagekit.model.bundle import CALIBRATION, carry
from stagekit.model.predict import load_model, predictor
from stagekit.report.diagrams import reliability_figure
from stagekit.report.figures import save


def calibrate(samples: Path, model: Path, out: Path, params: CalibrateParams) -> None:
    """Calibrate the model folder `model` on the folder `samples`.

    Writes `calibration.json`, `scores.json`, `reliability.png`, and `model/` with the calibration in it.
    """
    data = load_dataset(samples)
    logits = predictor(load_model(model))(data.images)
    calibration = UNCALIBRATED
    if params.method == "temperature":
        calibration = Calibration("temperature", fit_temperature(logits, data.masks))
    before, after = (chosen.probabilities(logits) for chosen in (UNCALIBRATED, calibration))
    write_json(
        out / "scores.json",
        {
            "before": confidence_scores(before, data.masks, params.bins).as_record(),
            "after": confidence_scores(after, data.masks, params.bins).as_record(),
            "samples": len(data),
            "bins": params.bins,
        },
    )
    diagrams = {
        "before": reliability(before, data.masks, params.bins),
        "after": reliability(after, data.masks, params.bins),
    }
    save(reliability_figure(diagrams), out / "reliability.png")
    write_calibration(out / CALIBRATION, calibration)
    carry(model, out / "model")
    write_calibration(out / "model" / CALIBRATION, calibration)
