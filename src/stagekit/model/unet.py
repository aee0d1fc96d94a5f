"""The U-Net: encoder, five skip connections, transposed-convolution decoder."""

from __future__ import annotations

from typing import Any

import keras

from stagekit.model.architecture import IMAGENET_MEAN, IMAGENET_STD, Architecture
from stagekit.model.mobilenet_v2 import encode

ENCODER_PREFIX = "features."
"""Names of the encoder's layers begin so; all other layers with weights belong to the decoder."""


def build_unet(architecture: Architecture) -> Any:
    """Build the untrained network.

    Input: images (batch, size, size, 3), RGB in 0..255. Output: logits (batch, size, size, classes); a softmax over
    the last axis gives the probabilities (calibration divides the logits first).
    """
    size = architecture.input_size
    image = keras.Input((size, size, 3), name="image")
    normalised = keras.layers.Rescaling(
        [1.0 / (255.0 * deviation) for deviation in IMAGENET_STD],
        [-mean / deviation for mean, deviation in zip(IMAGENET_MEAN, IMAGENET_STD, strict=True)],
        name="normalise",
    )(image)
    features = encode(normalised)
    skips = [normalised, *features[:-1]]
    x = features[-1]
    for stage, (skip, filters) in enumerate(zip(reversed(skips), architecture.decoder_filters, strict=True)):
        x = _up(x, skip, filters, f"decoder.{stage}")
    logits = keras.layers.Conv2D(len(architecture.classes), 1, name="decoder.logits")(x)
    return keras.Model(image, logits, name="unet")


def _up(x: Any, skip: Any, filters: int, name: str) -> Any:
    """Double the size of `x`, join the skip, and mix the two by one 3x3 convolution."""
    x = keras.layers.Conv2DTranspose(filters, 2, strides=2, name=f"{name}.up")(x)
    x = keras.layers.Concatenate()([x, skip])
    x = keras.layers.Conv2D(filters, 3, padding="same", kernel_initializer="he_normal", name=f"{name}.mix")(x)
    return keras.layers.ReLU()(x)
