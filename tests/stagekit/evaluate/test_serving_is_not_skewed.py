"""Whoever serves a released model feeds it as it was fed when it was evaluated, and gets the same answers.

One serving side here is plain Pillow and NumPy, written by what the bundle's `signature.json` and
`calibration.json` say: one raw JPEG at a time, where evaluate had ingest's PNGs in batches. The other is the
service, which must not differ in a bit.
"""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from stagekit.calibrate.calibration import Calibration, Curve, read_calibration, write_calibration
from stagekit.dataset import load_dataset
from stagekit.evaluate.subject import Subject, load_subject
from stagekit.ingest.params import IngestParams
from stagekit.ingest.run import ingest
from stagekit.model.architecture import Architecture
from stagekit.model.bundle import CALIBRATION, WEIGHTS, Signature, write_signature
from stagekit.model.pretrained import read_mobilenet_v2
from stagekit.model.weights import initial_weights, save_weights, tensors_digest
from stagekit.serve.inference import answer, read_request
from stagekit.serve.opening import asker
from stagekit.train.fit import Trainer

SIDE = 32
CALIBRATIONS = [
    Calibration("temperature", temperature=1.7),
    Calibration("vector", scale=(1.2, 0.8, 1.1), bias=(0.1, -0.2, 0.05)),
    Calibration("isotonic", curves=(Curve((0.1, 0.4, 0.9), (0.05, 0.5, 0.8)),) * 3),
]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, pretrained: Path, trainer: Trainer) -> Path:
    """What of a bundle a server needs."""
    folder = tmp_path_factory.mktemp("bundle")
    architecture = Architecture("mobilenet_v2", SIDE, (8, 8, 8, 8))
    tensors = initial_weights(trainer.model, read_mobilenet_v2(pretrained), seed=1)
    save_weights(folder / WEIGHTS, tensors)
    write_signature(folder, Signature(architecture, tensors_digest(tensors)))
    return folder


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw photos of several shapes and kinds with their trimaps, as users have them."""
    folder = tmp_path_factory.mktemp("pets")
    random = np.random.default_rng(5)
    for number, (width, height, mode) in enumerate([(90, 60, "RGB"), (40, 70, "RGB"), (64, 64, "L")]):
        rough = Image.fromarray(random.integers(0, 256, (6, 6, 3), dtype=np.uint8))
        for kind in ("images", "annotations"):
            (folder / kind).mkdir(exist_ok=True)
        picture = rough.resize((width, height), Image.Resampling.BICUBIC).convert(mode)
        picture.save(folder / "images" / f"Bengal_{number}.jpg", quality=85)
        trimap = Image.fromarray(random.integers(1, 4, (height, width), dtype=np.uint8))
        trimap.save(folder / "annotations" / f"Bengal_{number}.png")
    return folder


@pytest.fixture(scope="module")
def loaded(bundle: Path) -> Subject:
    """The bundle's model; what calibrates it is read for each test."""
    return load_subject(bundle)


@pytest.mark.parametrize("calibration", CALIBRATIONS, ids=lambda each: each.method)
def test_plain_code_that_serves_a_bundle_answers_as_it_was_evaluated(
    bundle: Path, loaded: Subject, photos: Path, tmp_path: Path, calibration: Calibration
) -> None:
    write_calibration(bundle / CALIBRATION, calibration)
    params = IngestParams(v=2, seed=1, image_size=SIDE)
    ingest(photos / "images", photos / "annotations", tmp_path, params)
    data = load_dataset(tmp_path / "samples")
    subject = replace(loaded, calibration=read_calibration(bundle / CALIBRATION))
    evaluated = subject.calibration.probabilities(subject.logits(data.images))
    model = loaded.network
    for number, name in enumerate(data.ids):
        jpeg = (photos / "images" / f"{name}.jpg").read_bytes()
        exact = evaluated[number].ravel().tolist(), evaluated[number].argmax(axis=-1).ravel().tolist()
        assert ask_service(subject, jpeg) == exact
        served = serve(model, bundle, jpeg)
        assert np.allclose(served, evaluated[number], atol=1e-5)
        assert (served.argmax(axis=-1) == evaluated[number].argmax(axis=-1)).mean() > 0.999


def ask_service(subject: Subject, jpeg: bytes) -> tuple[list[float], list[int]]:
    """What the service answers to a photo: probabilities and mask, as they stand in JSON."""
    tensor = {"name": "photo", "datatype": "BYTES", "shape": [1], "data": [base64.b64encode(jpeg).decode()]}
    asked = read_request(json.dumps({"inputs": [tensor]}).encode(), SIDE)
    probabilities, mask = answer(asked, asker(subject)(asked.images), "pets", "1")["outputs"]
    return probabilities["data"], mask["data"]


def serve(model: Any, bundle: Path, jpeg: bytes) -> Any:
    """A request: the bytes of a photo to probabilities (side, side, classes)."""
    signature = json.loads((bundle / "signature.json").read_text(encoding="utf-8"))
    _, height, width, _ = signature["input"]["shape"]
    assert signature["input"]["resize"] == "Pillow's LANCZOS, stretched to the square"
    with Image.open(io.BytesIO(jpeg)) as picture:
        pixels = np.asarray(picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS))
    logits = model(pixels[np.newaxis].astype(np.float32), training=False).numpy()[0].astype(np.float64)
    return probabilities(logits, json.loads((bundle / "calibration.json").read_text(encoding="utf-8")))


def probabilities(logits: Any, says: dict[str, Any]) -> Any:
    if says["method"] == "temperature":
        return softmax(logits / says["temperature"])
    if says["method"] == "vector":
        return softmax(logits * np.array(says["scale"]) + np.array(says["bias"]))
    plain = softmax(logits)
    curved = [np.interp(plain[..., at], curve["x"], curve["y"]) for at, curve in enumerate(says["curves"])]
    return np.stack(curved, axis=-1) / np.sum(curved, axis=0)[..., np.newaxis]


def softmax(values: Any) -> Any:
    shares = np.exp(values - values.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


def test_answers_are_finite_for_the_darkest_the_brightest_and_the_harshest_photo(loaded: Subject) -> None:
    subject = replace(loaded, calibration=CALIBRATIONS[0])
    board = np.indices((SIDE, SIDE)).sum(axis=0) % 2 * 255
    plain = [np.zeros((SIDE, SIDE)), np.full((SIDE, SIDE), 255), board]
    images = np.stack([np.repeat(each[..., np.newaxis], 3, axis=-1) for each in plain]).astype(np.uint8)
    answers = subject.calibration.probabilities(subject.logits(images))
    assert np.isfinite(answers).all()
    assert np.allclose(answers.sum(axis=-1), 1)
