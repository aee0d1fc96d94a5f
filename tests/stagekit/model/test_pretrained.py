from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from stagekit.model.pretrained import BATCHNORM_EPSILON, BadWeightsError, read_mobilenet_v2


@pytest.fixture
def varied(pretrained: Path, tmp_path: Path) -> Path:
    """The made-up weights with BatchNorm statistics that are not trivial."""
    tensors = load_file(str(pretrained))
    random = np.random.default_rng(4)
    for name, tensor in tensors.items():
        if name.startswith("features.1.conv.2."):
            tensors[name] = random.uniform(0.5, 2.0, tensor.shape).astype(np.float32)
    save_file(tensors, str(tmp_path / "varied.safetensors"))
    return tmp_path / "varied.safetensors"


def test_a_folded_convolution_answers_as_convolution_and_batchnorm_did(varied: Path) -> None:
    tensors = load_file(str(varied))
    kernel, bias = read_mobilenet_v2(varied)["features.1.conv.1"]
    pixel = np.random.default_rng(5).standard_normal(32)
    convolved = tensors["features.1.conv.1.weight"][:, :, 0, 0] @ pixel
    norm = {
        part: tensors[f"features.1.conv.2.{part}"]
        for part in ("weight", "bias", "running_mean", "running_var")
    }
    spread = np.sqrt(norm["running_var"] + BATCHNORM_EPSILON)
    expected = (convolved - norm["running_mean"]) / spread * norm["weight"] + norm["bias"]
    assert np.allclose(pixel @ kernel[0, 0] + bias, expected, atol=1e-5)


def test_depthwise_kernels_keep_their_orientation(pretrained: Path) -> None:
    kernel, _ = read_mobilenet_v2(pretrained)["features.1.conv.0.0"]
    weight = load_file(str(pretrained))["features.1.conv.0.0.weight"]
    assert kernel.shape == (3, 3, 32, 1)
    assert np.allclose(kernel[0, 2, 7, 0], weight[7, 0, 0, 2], rtol=1e-4)


def test_every_layer_of_the_encoder_gets_its_weights(pretrained: Path) -> None:
    assert len(read_mobilenet_v2(pretrained)) == 1 + 2 + 16 * 3


def test_a_file_without_a_tensor_is_named(pretrained: Path, tmp_path: Path) -> None:
    tensors = load_file(str(pretrained))
    del tensors["features.17.conv.2.weight"]
    save_file(tensors, str(tmp_path / "other.safetensors"))
    with pytest.raises(
        BadWeightsError, match=r"other\.safetensors: no tensor 'features\.17\.conv\.2\.weight'"
    ):
        read_mobilenet_v2(tmp_path / "other.safetensors")


@pytest.mark.parametrize("content", [b"", b"no tensors at all"])
def test_a_file_that_is_no_safetensors_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.safetensors").write_bytes(content)
    with pytest.raises(BadWeightsError, match=r"broken\.safetensors"):
        read_mobilenet_v2(tmp_path / "broken.safetensors")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadWeightsError, match=r"nowhere\.safetensors"):
        read_mobilenet_v2(tmp_path / "nowhere.safetensors")
