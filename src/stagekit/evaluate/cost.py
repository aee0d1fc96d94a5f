"""What one photo costs: counted from the network, so that the figure is the same on every machine."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Cost:
    """Multiply-accumulates of one photo in 10^9, the number of weights, and their size as float32 in MiB."""

    gmacs: float
    parameters: int
    weights_mib: float

    def as_record(self) -> dict[str, float]:
        """Give the figures by name."""
        return asdict(self)


def cost(network: Any) -> Cost:
    """Count the multiplications of all layers with a kernel; scalings and biases are no part of it."""
    counted = sum(_macs(layer) for layer in network.layers if layer.weights)
    parameters = int(network.count_params())
    return Cost(counted / 1e9, parameters, parameters * 4 / 2**20)


def _macs(layer: Any) -> int:
    """A kernel works once at each place of the output; a transposed one once at each of the input."""
    grid = layer.input if type(layer).__name__ == "Conv2DTranspose" else layer.output
    places = math.prod(grid.shape[1:-1])
    return int(places * math.prod(layer.weights[0].shape))
