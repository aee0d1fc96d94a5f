"""Replaying jobs: what it takes, and whether that is still as it was. The run itself is `pps.rerunning`."""

from calf.pps.replay.planning import Fault, ReplayPlan, plan_replay

__all__ = ["Fault", "ReplayPlan", "plan_replay"]
