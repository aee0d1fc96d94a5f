"""Adam with one learning rate a group of variables (encoder, decoder), and a state that can be reset.

Written out because it is compiled once and used for many fits, with rates that are inputs of the graph;
Keras' optimiser took five times as long to trace. A group is computed as one long vector: each number gets
what it would get in its own tensor, bit for bit, and the graph has a tenth of the operations to trace,
to optimise and to run.
"""

from __future__ import annotations

import math
from typing import Any

import tensorflow as tf

BETA_1 = 0.9
BETA_2 = 0.999
EPSILON = 1e-7


class Adam:
    """Moments of groups of variables (Kingma and Ba, 2015, algorithm 1); a group may be empty."""

    def __init__(self, *groups: list[Any]) -> None:
        self.variables = [variable for group in groups for variable in group]
        self._groups = [_Group(group) for group in groups]
        self._steps = tf.Variable(0.0)

    def reset(self) -> None:
        """Forget all moments."""
        self._steps.assign(0.0)
        for group in self._groups:
            group.first.assign(tf.zeros(group.first.shape))
            group.second.assign(tf.zeros(group.second.shape))

    def apply(self, gradients: list[Any], rates: list[Any]) -> None:
        """Take one step; gradients as `variables`, one learning rate a group. Call it inside a graph."""
        steps = self._steps.assign_add(1.0)
        corrections = 1.0 - tf.pow(BETA_1, steps), 1.0 - tf.pow(BETA_2, steps)
        rest = iter(gradients)
        for group, rate in zip(self._groups, rates, strict=True):
            own = [next(rest) for _ in group.variables]
            if own:
                group.apply(own, rate, *corrections)


class _Group:
    def __init__(self, variables: list[Any]) -> None:
        self.variables = variables
        self._sizes = [math.prod(variable.shape) for variable in variables]
        self.first = tf.Variable(tf.zeros([sum(self._sizes)]))
        self.second = tf.Variable(tf.zeros([sum(self._sizes)]))

    def apply(self, gradients: list[Any], rate: Any, correction_1: Any, correction_2: Any) -> None:
        gradient = tf.concat([tf.reshape(part, [-1]) for part in gradients], axis=0)
        mean = self.first.assign_add((gradient - self.first) * (1.0 - BETA_1))
        square = self.second.assign_add((gradient * gradient - self.second) * (1.0 - BETA_2))
        change = rate * (mean / correction_1) / (tf.sqrt(square / correction_2) + EPSILON)
        for variable, part in zip(self.variables, tf.split(change, self._sizes), strict=True):
            variable.assign_sub(tf.reshape(part, variable.shape))
