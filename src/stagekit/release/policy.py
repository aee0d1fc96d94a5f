"""The decision: every check with its reason, whether it holds or not. A refusal is a result, not an error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from stagekit.config.errors import nearest
from stagekit.release.checks import Check
from stagekit.release.figures import figure, is_null, names
from stagekit.release.params import Limit, ReleaseParams


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about which model, and why."""

    accepted: bool
    model: str
    checks: tuple[Check, ...]

    def as_json(self) -> dict[str, Any]:
        """Give the content of `decision.json`.

        `reasons` are those against, or for an accepted model all; `waived` are the checks that the policy
        let pass though they failed.
        """
        against = [check.reason for check in self.checks if check.stops]
        return {
            "accepted": self.accepted,
            "decision": "accepted" if self.accepted else "refused",
            "model": self.model,
            "reasons": against or [check.reason for check in self.checks],
            "waived": [check.name for check in self.checks if check.waived],
            "checks": [asdict(check) for check in self.checks],
        }


def decide(
    figures: dict[str, Any], model: str, params: ReleaseParams, more: Sequence[Check] = ()
) -> Decision:
    """Hold a model's figures against the policy; `more` are the checks of evidence and the serving release.

    Every check is made, also after one that failed.
    """
    checks = (*more, _optimised(figures, params), *(_limit(figures, limit) for limit in params.limits))
    return Decision(not any(check.stops for check in checks), model, checks)


def _optimised(figures: dict[str, Any], params: ReleaseParams) -> Check:
    name = params.optimise
    value = figure(figures, name)
    if value is None:
        return _unknown("optimised", name, None, figures)
    return Check("optimised", True, f"{name} is {value:.4f}", name, value)


def _limit(figures: dict[str, Any], limit: Limit) -> Check:
    bound = limit.at_least if limit.at_least is not None else limit.at_most
    side = "at_least" if limit.at_least is not None else "at_most"
    value = figure(figures, limit.metric)
    if value is None or bound is None:
        return _unknown(side, limit.metric, bound, figures)
    passed = value >= bound if side == "at_least" else value <= bound
    reason = f"{limit.metric} {value:.6g} {'is' if passed else 'is not'} {side.replace('_', ' ')} {bound:g}"
    return Check(side, passed, reason, limit.metric, value, bound)


def _unknown(name: str, metric: str, bound: float | None, figures: dict[str, Any]) -> Check:
    """Refuse for a figure that is not there: a typing error must never pass for a good model."""
    if is_null(figures, metric):
        hint = "evaluate could not tell it from so few photos, or left it out by its parameters"
    else:
        hint = nearest(metric, names(figures))
    return Check(name, False, f"metrics.json has no finite figure {metric!r}; {hint}", metric, None, bound)
