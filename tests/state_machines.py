"""How many histories of how many steps a state machine plays, from which seed, split over several tests.

`make state-test` sets STATE_EXAMPLES, STATE_STEPS and STATE_SEED; alone, tests play a few short ones.
"""

from __future__ import annotations

import os
import secrets

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

PARTS = range(int(os.environ.get("STATE_PARTS", "4")))
"""Tests that share the histories of a machine, so that several processes have something to do."""


def play(machine: type[RuleBasedStateMachine], part: int, examples: int, steps: int) -> None:
    """Play a part of the histories; what fails is told with what reproduces it.

    `examples` and `steps` are of all parts, unless the environment asks for others.
    """
    examples = int(os.environ.get("STATE_EXAMPLES", examples))
    steps = int(os.environ.get("STATE_STEPS", steps))
    number = os.environ.get("STATE_SEED") or str(secrets.randbelow(1 << 32))
    played: list[int] = []

    def counted() -> RuleBasedStateMachine:
        made = machine()
        played.append(0)
        check = made.check_invariants

        def check_invariants(*args: object) -> None:
            played[-1] += 1
            check(*args)  # type: ignore[arg-type] # as called

        made.check_invariants = check_invariants  # type: ignore[method-assign,assignment] # counts on the way
        return made

    counted._hypothesis_internal_use_seed = f"{number}/{part}"  # type: ignore[attr-defined] # as `seed` sets it
    print(f"{machine.__name__}: STATE_SEED={number}, part {part} of {len(PARTS)}")
    run_state_machine_as_test(counted, settings=_settings(-(-examples // len(PARTS)), steps))  # type: ignore[arg-type] # a function will do
    print(f"{len(played)} histories, {sum(played)} steps")


def _settings(examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=False,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
