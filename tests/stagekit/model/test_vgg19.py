from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from safetensors.numpy import save_file

from stagekit.errors import StageError
from stagekit.model.architecture import Architecture
from stagekit.model.encoders import encoder_of, find_pretrained
from stagekit.model.pretrained import BadWeightsError, read_vgg19
from stagekit.model.unet import build_unet
from stagekit.model.vgg19 import block_of, encode, layers
from stagekit.model.weights import initial_weights, set_weights


@pytest.fixture(scope="module")
def model() -> Any:
    return build_unet(Architecture("vgg19", 32, (8, 8, 8, 8)))


def test_five_blocks_give_five_skips_and_the_map_below_them() -> None:
    features = encode(keras.Input((64, 64, 3)))
    assert [tuple(feature.shape[1:]) for feature in features] == [
        (64, 64, 64),
        (32, 32, 128),
        (16, 16, 256),
        (8, 8, 512),
        (4, 4, 512),
        (2, 2, 512),
    ]


def test_layers_are_named_as_in_torchvision() -> None:
    names = [name for block in layers() for name, _ in block]
    numbers = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34)
    assert names == [f"features.{number}" for number in numbers]
    assert [block_of(name) for name in ("features.0", "features.7", "features.34")] == [1, 2, 5]


def test_every_skip_reaches_the_decoder(model: Any) -> None:
    feeds = {
        source.name
        for layer in model.layers
        if layer.name.startswith("decoder.") or isinstance(layer, keras.layers.Concatenate)
        for source in (tensor._keras_history.operation for tensor in _inputs(layer))
    }
    last = {block[-1][0] for block in layers()}
    assert last <= feeds


def _inputs(layer: Any) -> list[Any]:
    given = layer.input
    return given if isinstance(given, list) else [given]


def test_kernels_are_turned_and_biases_kept(tmp_path: Path) -> None:
    path = tmp_path / "vgg19.safetensors"
    tensors, before = {}, 3
    for block in layers():
        for name, channels in block:
            tensors[f"{name}.weight"] = np.zeros((channels, before, 3, 3), dtype=np.float32)
            tensors[f"{name}.bias"] = np.full(channels, 0.5, dtype=np.float32)
            before = channels
    tensors["features.2.weight"][7, 5, 0, 2] = 9.0
    save_file(tensors, str(path))
    read = read_vgg19(path)
    assert len(read) == 16
    kernel, bias = read["features.2"]
    assert (kernel.shape, kernel[0, 2, 5, 7], kernel.sum()) == ((3, 3, 64, 64), 9.0, 9.0)
    assert (bias == 0.5).all()


def test_a_file_of_another_network_is_named(tmp_path: Path) -> None:
    path = tmp_path / "vgg19.safetensors"
    save_file({"features.0.weight": np.zeros((64, 3, 3, 3), dtype=np.float32)}, str(path))
    with pytest.raises(BadWeightsError, match=r"no tensor 'features\.0\.bias'; is this torchvision's VGG19"):
        read_vgg19(path)


def test_seeded_numbers_are_of_a_size_with_which_every_layer_learns(model: Any) -> None:
    tensors = initial_weights(model, None, seed=4)
    assert tensors["features.19.kernel"].std() == pytest.approx((2 / (9 * 256)) ** 0.5, rel=0.01)
    set_weights(model, tensors)
    image = np.random.default_rng(1).integers(0, 256, (1, 32, 32, 3)).astype(np.float32)
    with tf.GradientTape() as tape:
        logits = model(image, training=True)
        loss = tf.reduce_mean(tf.square(logits - 1.0))
    assert float(np.abs(logits).max()) < 0.5
    gradients = tape.gradient(loss, [variable.value for variable in model.trainable_variables])
    assert all(float(tf.reduce_max(tf.abs(gradient))) > 1e-9 for gradient in gradients)


@pytest.mark.parametrize("name", ["mobilenet_v2", "vgg19"])
def test_weights_that_are_not_there_are_asked_for_or_done_without(tmp_path: Path, name: str) -> None:
    encoder = encoder_of(name)
    assert find_pretrained(encoder, tmp_path, "auto") is None
    with pytest.raises(StageError, match=rf"no {name}\.safetensors for train\.encoder={name}; put the file"):
        find_pretrained(encoder, tmp_path, "pretrained")


def test_weights_that_are_there_are_not_read_when_seeded_ones_are_asked_for(pretrained: Path) -> None:
    encoder = encoder_of("mobilenet_v2")
    assert find_pretrained(encoder, pretrained.parent, "seeded") is None
    assert find_pretrained(encoder, pretrained.parent, "auto") is not None
