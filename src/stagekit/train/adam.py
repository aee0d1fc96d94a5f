"""Adam with one learning rate a group of variables (encoder, decoder), and a state that can be reset.

Written out because it is compiled once and used for many fits, with rates that are inputs of the graph;
Keras' optimiser took five times as long to trace.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

BETA_1 = 0.9
BETA_2 = 0.999
EPSILON = 1e-7


class Adam:
    """Moments of some variables (Kingma and Ba, 2015, algorithm 1)."""

    def __init__(self, variables: list[Any]) -> None:
        self.variables = variables
        self._first = [tf.Variable(tf.zeros(variable.shape)) for variable in variables]
        self._second = [tf.Variable(tf.zeros(variable.shape)) for variable in variables]
        self._steps = tf.Variable(0.0)

    def reset(self) -> None:
        """Forget all moments."""
        for state in (self._steps, *self._first, *self._second):
            state.assign(tf.zeros(state.shape))

    def apply(self, gradients: list[Any], rates: list[Any]) -> None:
        """Take one step; `rates` has one learning rate a variable. Call it inside a graph."""
        steps = self._steps.assign_add(1.0)
        correction_1 = 1.0 - tf.pow(BETA_1, steps)
        correction_2 = 1.0 - tf.pow(BETA_2, steps)
        for variable, gradient, rate, first, second in zip(
            self.variables, gradients, rates, self._first, self._second, strict=True
        ):
            mean = first.assign_add((gradient - first) * (1.0 - BETA_1))
            square = second.assign_add((gradient * gradient - second) * (1.0 - BETA_2))
            variable.assign_sub(rate * (mean / correction_1) / (tf.sqrt(square / correction_2) + EPSILON))
