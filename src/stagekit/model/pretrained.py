"""Torchvision's tensors of an encoder, turned into the kernels and biases of ours."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from stagekit.errors import StageError
from stagekit.model import vgg19
from stagekit.model.mobilenet_v2 import blocks

BATCHNORM_EPSILON = 1e-5


class BadWeightsError(StageError):
    """A weights file lacks a tensor, or holds one of another shape than the model's."""


def read_mobilenet_v2(path: Path) -> dict[str, tuple[Any, Any]]:
    """Read `mobilenet_v2.safetensors` (torchvision's names) with BatchNorm folded in.

    Gives {layer: (kernel, bias)}; kernels are in Keras' layout, (height, width, in, out), for depthwise
    layers (height, width, channels, 1). Raises `BadWeightsError` when a tensor is missing.
    """
    tensors = load_tensors(path)
    try:
        return {layer: _folded(tensors, layer, norm, depthwise) for layer, norm, depthwise in _layers()}
    except KeyError as error:
        raise BadWeightsError(
            f"{path.name}: no tensor {error.args[0]!r}; is this torchvision's MobileNetV2?"
        ) from error


def read_vgg19(path: Path) -> dict[str, tuple[Any, Any]]:
    """Read `vgg19.safetensors` (torchvision's names; its classifier may be left out).

    Gives {layer: (kernel, bias)}, kernels (height, width, in, out). Raises `BadWeightsError` when a tensor is
    missing.
    """
    tensors = load_tensors(path)
    try:
        return {
            name: (
                np.ascontiguousarray(tensors[f"{name}.weight"].transpose(2, 3, 1, 0), dtype=np.float32),
                tensors[f"{name}.bias"].astype(np.float32),
            )
            for block in vgg19.layers()
            for name, _ in block
        }
    except KeyError as error:
        raise BadWeightsError(
            f"{path.name}: no tensor {error.args[0]!r}; is this torchvision's VGG19?"
        ) from error


def load_tensors(path: Path) -> dict[str, Any]:
    """Read a safetensors file. Raises `BadWeightsError` when it is missing or damaged."""
    try:
        return dict(load_file(str(path)))
    except (OSError, SafetensorError) as error:
        raise BadWeightsError(f"{path}: no readable weights ({error})") from error


def _layers() -> list[tuple[str, str, bool]]:
    """(convolution, its BatchNorm, whether depthwise) of every layer."""
    listed = [("features.0.0", "features.0.1", False)]
    for block in blocks():
        prefix = f"{block.name}.conv"
        position = 0
        if block.expanded:
            listed.append((f"{prefix}.0.0", f"{prefix}.0.1", False))
            position = 1
        listed.append((f"{prefix}.{position}.0", f"{prefix}.{position}.1", True))
        listed.append((f"{prefix}.{position + 1}", f"{prefix}.{position + 2}", False))
    return listed


def _folded(tensors: Mapping[str, Any], layer: str, norm: str, depthwise: bool) -> tuple[Any, Any]:
    weight = tensors[f"{layer}.weight"].astype(np.float64)
    variance = tensors[f"{norm}.running_var"].astype(np.float64)
    scale = tensors[f"{norm}.weight"].astype(np.float64) / np.sqrt(variance + BATCHNORM_EPSILON)
    bias = (
        tensors[f"{norm}.bias"].astype(np.float64)
        - tensors[f"{norm}.running_mean"].astype(np.float64) * scale
    )
    scaled = weight * scale[:, None, None, None]
    kernel = scaled.transpose(2, 3, 0, 1) if depthwise else scaled.transpose(2, 3, 1, 0)
    return np.ascontiguousarray(kernel, dtype=np.float32), bias.astype(np.float32)
