"""A model's weights as named float32 tensors: how they start, and how they get in and out of a model.

Names are `<layer>.kernel` and `<layer>.bias`. Tensors are digested, not files: a digest says what a model
computes with, whatever wrote the file.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from stagekit.canonical import write_bytes
from stagekit.model.pretrained import BadWeightsError
from stagekit.model.unet import ENCODER_PREFIX, LOGITS

Tensors = dict[str, Any]
_LOGITS_DEVIATION = 0.01


def initial_weights(model: Any, pretrained: Mapping[str, tuple[Any, Any]] | None, seed: int) -> Tensors:
    """Give the weights that training starts from: the pretrained encoder, a random decoder.

    Without `pretrained` the encoder is random as well. Each random tensor depends on (seed, name) alone, so
    that a changed layer leaves the others as they were; its spread keeps the size of what passes ReLUs (He et
    al., 2015). The last layer starts near zero: all classes are equally likely, and the first loss is
    ln(classes).
    """
    tensors: Tensors = {}
    for layer, (kernel, bias) in _layers(model).items():
        if pretrained is not None and layer.startswith(ENCODER_PREFIX):
            tensors[f"{layer}.kernel"], tensors[f"{layer}.bias"] = pretrained[layer]
            continue
        deviation = _LOGITS_DEVIATION if layer == LOGITS else math.sqrt(2.0 / _fan_in(layer, kernel, bias))
        generator = np.random.default_rng(_number(f"{seed}/{layer}"))
        tensors[f"{layer}.kernel"] = (generator.standard_normal(kernel.shape) * deviation).astype(np.float32)
        tensors[f"{layer}.bias"] = np.zeros(bias.shape, dtype=np.float32)
    return tensors


def set_weights(model: Any, tensors: Mapping[str, Any]) -> None:
    """Put tensors into a model. Raises `BadWeightsError` unless names and shapes are exactly the model's."""
    variables = _variables(model)
    if variables.keys() != tensors.keys():
        missing, extra = sorted(variables.keys() - tensors.keys()), sorted(tensors.keys() - variables.keys())
        raise BadWeightsError(f"weights do not fit the model: missing {missing[:3]}, unknown {extra[:3]}")
    for name, variable in variables.items():
        if tuple(variable.shape) != tensors[name].shape:
            raise BadWeightsError(
                f"{name}: shape {tensors[name].shape}, the model's is {tuple(variable.shape)}"
            )
        variable.assign(tensors[name])


def get_weights(model: Any) -> Tensors:
    """Copy a model's weights out, sorted by name."""
    variables = _variables(model)
    return {name: np.array(variables[name].numpy()) for name in sorted(variables)}


def tensors_digest(tensors: Mapping[str, Any]) -> str:
    """SHA-256 over names, shapes and little-endian float32 bytes, in the order of the names."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = np.ascontiguousarray(tensors[name], dtype="<f4")
        digest.update(f"{name}\0{tensor.shape}\0".encode())
        digest.update(tensor.tobytes())
    return digest.hexdigest()


def save_weights(path: Path, tensors: Mapping[str, Any]) -> None:
    """Write a safetensors file; the same tensors give the same bytes."""
    write_bytes(path, save({name: np.ascontiguousarray(tensors[name]) for name in sorted(tensors)}))


def _variables(model: Any) -> dict[str, Any]:
    return {
        f"{layer.name}.{part}": variable
        for layer in model.layers
        if layer.weights
        for part, variable in zip(("kernel", "bias"), layer.weights, strict=True)
    }


def _layers(model: Any) -> dict[str, Any]:
    return {layer.name: layer.weights for layer in model.layers if layer.weights}


def _fan_in(layer: str, kernel: Any, bias: Any) -> int:
    """Count the numbers that one output of a layer is a sum of."""
    height, width, channels_in, last = kernel.shape
    if layer.endswith(
        ".up"
    ):  # transposed; a kernel of its stride's size never overlaps: one pixel of the input
        return int(last)
    depthwise = bias.shape[0] != last
    return int(height * width * (1 if depthwise else channels_in))


def _number(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:16], "big")
