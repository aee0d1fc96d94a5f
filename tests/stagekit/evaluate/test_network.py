"""What evaluate reads off the network itself: its cost, and the direction of an attack."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from stagekit.calibrate.calibration import UNCALIBRATED, Calibration, write_calibration
from stagekit.dataset import Dataset
from stagekit.errors import StageError
from stagekit.evaluate.cost import cost
from stagekit.evaluate.gradient import signs
from stagekit.evaluate.latency import measure, write_timing
from stagekit.evaluate.robustness import moved
from stagekit.evaluate.spread import member_folders, spread
from stagekit.evaluate.subject import Subject, load_after
from stagekit.metrics.confidence import confidence_scores, likeliest, softmax
from stagekit.model.architecture import Architecture
from stagekit.model.bundle import CALIBRATION, WEIGHTS, Signature, write_signature
from stagekit.model.unet import build_unet
from stagekit.model.weights import initial_weights, save_weights, set_weights, tensors_digest
from stagekit.train.fit import Trainer
from tests.stagekit.evaluate.conftest import bright_is_pet


@pytest.fixture(scope="module")
def network() -> keras.Model:
    """A network of three kinds of layers with kernels; its answer depends on the colour."""
    keras.utils.set_random_seed(3)
    image = keras.Input((32, 32, 3))
    x = keras.layers.Rescaling(1 / 255)(image)
    x = keras.layers.Conv2D(4, 3, strides=2, padding="same", activation="relu")(x)
    x = keras.layers.DepthwiseConv2D(3, padding="same")(x)
    return keras.Model(image, keras.layers.Conv2DTranspose(3, 2, strides=2)(x))


def test_the_cost_is_that_of_a_count_by_hand(network: keras.Model) -> None:
    found = cost(network)
    convolution, depthwise, transposed = (
        16 * 16 * (3 * 3 * 3 * 4),
        16 * 16 * (3 * 3 * 4),
        16 * 16 * (2 * 2 * 3 * 4),
    )
    assert found.gmacs * 1e9 == pytest.approx(convolution + depthwise + transposed)
    assert found.parameters == (108 + 4) + (36 + 4) + (48 + 3)
    assert found.weights_mib == found.parameters * 4 / 2**20


def test_a_step_along_the_direction_raises_the_loss_and_one_against_it_lowers_it(
    network: keras.Model, data: Dataset
) -> None:
    direction = signs(network, data)
    assert direction.shape == data.images.shape

    def loss(images: np.ndarray) -> float:
        logits = network(images.astype(np.float32)).numpy()
        return confidence_scores(softmax(logits), data.masks, 10).nll

    clean = loss(data.images)
    assert loss(moved(data.images, direction, 4)) > clean > loss(moved(data.images, -direction, 4))


def test_an_attacked_photo_is_one_that_a_file_could_hold() -> None:
    images = np.array([0, 3, 128, 253, 255], dtype=np.uint8)
    direction = np.array([-1, -1, 0, 1, 1], dtype=np.int8)
    found = moved(images, direction, 8)
    assert found.dtype == np.uint8
    assert found.tolist() == [0, 0, 128, 255, 255]


def test_a_subject_answers_with_its_calibrated_likeliest_class() -> None:
    class Second:
        def probabilities(self, logits: np.ndarray) -> np.ndarray:
            return softmax(logits + np.array([0.0, 5.0, 0.0]))

    logits = np.array([[[[3.0, 0.0, 0.0]]]])
    assert likeliest(logits).tolist() == [[[0]]]
    subject = Subject(None, lambda images: logits, Second())  # type: ignore[arg-type]  # a calibration for the test
    assert subject.classes(np.zeros((1, 1, 1, 3), dtype=np.uint8)).tolist() == [[[1]]]


def test_latency_is_of_single_photos_and_has_a_sentence_for_the_log(data: Dataset, tmp_path: Path) -> None:
    seen: list[int] = []
    timing = measure(lambda images: seen.append(len(images)), data.images, 7)
    assert seen == [1] * 8
    assert 0 <= timing.median_ms <= timing.p95_ms
    assert timing.sentence().startswith("latency of one photo: median ")
    write_timing(tmp_path / "latency.json", timing)
    assert set(json.loads((tmp_path / "latency.json").read_text())) == {
        "median_ms",
        "p95_ms",
        "photos",
        "threads",
    }


def test_equal_members_have_no_spread_and_agree_wholly(data: Dataset) -> None:
    answer = bright_is_pet(data.images)
    found = spread(data, [answer, answer, answer])
    assert (found.members, found.sd, found.agreement) == (3, 0.0, 1.0)
    assert found.low == found.high
    assert found.mean == pytest.approx(found.low)


def test_members_that_differ_are_told_by_their_spread(data: Dataset) -> None:
    found = spread(data, [data.masks, np.ones_like(data.masks)])
    assert found.high == 1.0
    assert found.mean == pytest.approx((found.high + found.low) / 2)
    assert found.sd == pytest.approx((found.high - found.low) / np.sqrt(2))
    assert found.agreement == pytest.approx(found.low)


def test_a_spread_without_members_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"set train\.members to 1 or more, or evaluate\.spread=false"):
        member_folders(tmp_path)
    (tmp_path / "members" / "12").mkdir(parents=True)
    assert [folder.name for folder in member_folders(tmp_path)] == ["model", "12"]


def write_model(folder: Path, architecture: Architecture, network: keras.Model, seed: int) -> dict[str, Any]:
    tensors = initial_weights(network, None, seed)
    save_weights(folder / WEIGHTS, tensors)
    write_signature(folder, Signature(architecture, tensors_digest(tensors)))
    return tensors


def test_models_that_are_asked_one_after_the_other_by_one_network_answer_as_they_do_alone(
    trainer: Trainer, training: Dataset, tmp_path: Path
) -> None:
    alike = Architecture("mobilenet_v2", training.size, (8, 8, 8, 8))
    wider = Architecture("mobilenet_v2", training.size, (8, 8, 8, 16))
    first = write_model(tmp_path / "first", alike, trainer.model, 1)
    second = write_model(tmp_path / "second", alike, trainer.model, 2)
    write_model(tmp_path / "wider", wider, build_unet(wider), 3)
    write_calibration(tmp_path / "second" / CALIBRATION, Calibration("temperature", temperature=2.0))
    others = [tmp_path / "wider", tmp_path / "first", tmp_path / "second"]
    subject, answers = load_after(others, tmp_path / "first", training.images)
    assert subject.calibration == UNCALIBRATED
    set_weights(trainer.model, second)
    assert (answers[2] == likeliest(trainer.predict(training.images))).all()
    set_weights(trainer.model, first)
    alone = trainer.predict(training.images)
    assert (subject.logits(training.images) == alone).all()
    assert (answers[1] == likeliest(alone)).all()
    assert (answers[1] != answers[2]).any()
