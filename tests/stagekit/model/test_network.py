from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from stagekit.errors import StageError
from stagekit.model.architecture import Architecture
from stagekit.model.bundle import WEIGHTS, Signature, read_signature, write_signature
from stagekit.model.mobilenet_v2 import encode
from stagekit.model.predict import load_model, predictor
from stagekit.model.pretrained import BadWeightsError, load_tensors, read_mobilenet_v2
from stagekit.model.unet import build_unet
from stagekit.model.weights import (
    get_weights,
    initial_weights,
    save_weights,
    set_weights,
    tensors_digest,
)
from stagekit.train.fit import Trainer

TINY = Architecture("mobilenet_v2", 32, (8, 8, 8, 8))


@pytest.fixture
def model(trainer: Trainer) -> Any:
    """The network that all tests share, since it takes seconds to build and to compile."""
    return trainer.model


@pytest.fixture
def predict(trainer: Trainer) -> Callable[[Any], Any]:
    return trainer.predict


@pytest.fixture
def tensors(model: Any, pretrained: Path) -> dict[str, Any]:
    return initial_weights(model, read_mobilenet_v2(pretrained), seed=1)


def test_the_encoder_halves_the_picture_five_times() -> None:
    features = encode(keras.Input((64, 64, 3)))
    assert [tuple(feature.shape[1:]) for feature in features] == [
        (64, 64, 3),
        (32, 32, 16),
        (16, 16, 24),
        (8, 8, 32),
        (4, 4, 96),
        (2, 2, 320),
    ]


def test_strided_convolutions_pad_at_the_top_and_left(model: Any, tensors: dict[str, Any]) -> None:
    corner = np.zeros((3, 3, 3, 32), dtype=np.float32)
    corner[0, 0] = 1.0
    set_weights(
        model, {**tensors, "features.0.0.kernel": corner, "features.0.0.bias": np.ones(32, np.float32)}
    )
    stem = keras.Model(model.input, model.get_layer("features.0.0").output)
    seen = stem(np.full((1, 32, 32, 3), 255.0, dtype=np.float32)).numpy()
    assert (seen[0, 0, :, 0] == 1.0).all()
    assert (seen[0, :, 0, 0] == 1.0).all()
    assert (seen[0, 1:, 1:, 0] > 5.0).all()


def test_the_output_has_a_logit_a_class_and_pixel(
    model: Any, predict: Callable[[Any], Any], tensors: dict[str, Any]
) -> None:
    set_weights(model, tensors)
    logits = predict(np.zeros((3, 32, 32, 3), dtype=np.uint8))
    assert (logits.shape, logits.dtype) == ((3, 32, 32, 3), np.float32)


def test_predictions_do_not_depend_on_how_many_are_asked_at_once(
    model: Any, predict: Callable[[Any], Any], tensors: dict[str, Any]
) -> None:
    set_weights(model, tensors)
    images = np.random.default_rng(0).integers(0, 256, (19, 32, 32, 3), dtype=np.uint8)
    alone = np.concatenate([predict(images[place : place + 1]) for place in range(19)])
    assert (predict(images) == alone).all()


def test_initial_weights_are_the_pretrained_encoder_and_a_seeded_decoder(
    model: Any, pretrained: Path, tensors: dict[str, Any]
) -> None:
    encoder = read_mobilenet_v2(pretrained)
    other = initial_weights(model, encoder, seed=2)
    assert (tensors["features.5.conv.1.0.kernel"] == encoder["features.5.conv.1.0"][0]).all()
    assert (other["features.5.conv.1.0.kernel"] == tensors["features.5.conv.1.0.kernel"]).all()
    assert (other["decoder.0.up.kernel"] != tensors["decoder.0.up.kernel"]).any()
    assert tensors_digest(initial_weights(model, encoder, seed=1)) == tensors_digest(tensors)


def test_a_wider_stage_leaves_the_other_stages_initial_weights(
    pretrained: Path, tensors: dict[str, Any]
) -> None:
    wider = build_unet(Architecture("mobilenet_v2", 32, (16, 8, 8, 8)))
    started = initial_weights(wider, read_mobilenet_v2(pretrained), seed=1)
    assert (started["decoder.3.mix.kernel"] == tensors["decoder.3.mix.kernel"]).all()


def test_weights_come_back_from_a_file_that_repeats_to_the_byte(
    model: Any, tensors: dict[str, Any], tmp_path: Path
) -> None:
    set_weights(model, tensors)
    save_weights(tmp_path / "a.safetensors", get_weights(model))
    save_weights(tmp_path / "b.safetensors", dict(reversed(tensors.items())))
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    assert tensors_digest(load_tensors(tmp_path / "a.safetensors")) == tensors_digest(tensors)


def test_a_digest_sees_names_shapes_and_values(tensors: dict[str, Any]) -> None:
    one = {"a": np.arange(6, dtype=np.float32)}
    digests = {
        tensors_digest(variant)
        for variant in (
            one,
            {"b": one["a"]},
            {"a": one["a"].reshape(2, 3)},
            {"a": one["a"] + np.float32(1e-6)},
        )
    }
    assert len(digests) == 4


def test_weights_of_another_shape_are_refused(model: Any, tensors: dict[str, Any]) -> None:
    other = {**tensors, "decoder.logits.bias": np.zeros(4, dtype=np.float32)}
    with pytest.raises(BadWeightsError, match=r"decoder\.logits\.bias: shape \(4,\), the model's is \(3,\)"):
        set_weights(model, other)


def test_weights_with_a_missing_tensor_are_refused(model: Any, tensors: dict[str, Any]) -> None:
    del tensors["decoder.logits.bias"]
    with pytest.raises(BadWeightsError, match=r"missing \['decoder\.logits\.bias'\]"):
        set_weights(model, tensors)


def test_a_bundle_is_built_again_from_its_signature(
    model: Any, predict: Callable[[Any], Any], tensors: dict[str, Any], tmp_path: Path
) -> None:
    save_weights(tmp_path / WEIGHTS, tensors)
    write_signature(tmp_path, Signature(TINY, tensors_digest(tensors)))
    set_weights(model, tensors)
    images = np.random.default_rng(1).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    assert (predictor(load_model(tmp_path))(images) == predict(images)).all()


def test_a_bundle_whose_weights_were_changed_is_refused(tensors: dict[str, Any], tmp_path: Path) -> None:
    write_signature(tmp_path, Signature(TINY, tensors_digest(tensors)))
    tensors["decoder.logits.bias"] = tensors["decoder.logits.bias"] + np.float32(1.0)
    save_weights(tmp_path / WEIGHTS, tensors)
    with pytest.raises(BadWeightsError, match="not the ones that the signature names"):
        load_model(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "no readable record"), ('{"v": 9}', "version 9"), ('{"v": 1}', "not a model")],
)
def test_a_damaged_signature_is_named(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "signature.json").write_text(content)
    with pytest.raises(StageError, match=rf"signature\.json: .*{message}"):
        read_signature(tmp_path)


@pytest.mark.parametrize("size", [0, 100, 33])
def test_a_picture_size_that_the_encoder_cannot_halve_is_refused(size: int) -> None:
    with pytest.raises(StageError, match=r"multiple of 32.*set shared\.image_size"):
        Architecture("mobilenet_v2", size, (8, 8, 8, 8))
