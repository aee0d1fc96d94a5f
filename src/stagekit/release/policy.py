"""The decision: every check with its reason, whether it holds or not. A refusal is a result, not an error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from stagekit.config.errors import nearest
from stagekit.release.figures import figure, names
from stagekit.release.params import Limit, ReleaseParams


@dataclass(frozen=True, slots=True)
class Check:
    """One condition: the figure, what it was held against, and in words how it came out."""

    name: str
    metric: str
    value: float | None
    bound: float | None
    passed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about which model, and why."""

    accepted: bool
    model: str
    checks: tuple[Check, ...]

    def as_json(self) -> dict[str, Any]:
        """Give the content of `decision.json`; `reasons` are those against, or for an accepted model all."""
        failed = [check.reason for check in self.checks if not check.passed]
        return {
            "accepted": self.accepted,
            "decision": "accepted" if self.accepted else "refused",
            "model": self.model,
            "reasons": failed or [check.reason for check in self.checks],
            "checks": [asdict(check) for check in self.checks],
        }


def decide(figures: dict[str, Any], model: str, params: ReleaseParams) -> Decision:
    """Hold a model's figures against the policy. Every check is made, also after one that failed."""
    checks = (
        _optimised(figures, params),
        *(_limit(figures, limit) for limit in params.limits),
        *_serving(figures, model, params),
    )
    return Decision(all(check.passed for check in checks), model, checks)


def _optimised(figures: dict[str, Any], params: ReleaseParams) -> Check:
    value = figure(figures, params.optimise)
    if value is None:
        return _unknown("optimised", params.optimise, None, figures)
    return Check("optimised", params.optimise, value, None, True, f"{params.optimise} is {value:.6g}")


def _limit(figures: dict[str, Any], limit: Limit) -> Check:
    bound = limit.at_least if limit.at_least is not None else limit.at_most
    side = "at_least" if limit.at_least is not None else "at_most"
    value = figure(figures, limit.metric)
    if value is None or bound is None:
        return _unknown(side, limit.metric, bound, figures)
    passed = value >= bound if side == "at_least" else value <= bound
    words = side.replace("_", " ")
    verdict = "is" if passed else "is not"
    reason = f"{limit.metric} {value:.6g} {verdict} {words} {bound:g}"
    return Check(side, limit.metric, value, bound, passed, reason)


def _serving(figures: dict[str, Any], model: str, params: ReleaseParams) -> Iterator[Check]:
    """Hold the model against the release that is serving, if there is one."""
    serving = params.serving
    if serving is None:
        return
    if serving.model == model:
        yield Check("serving", params.optimise, None, None, True, f"the model {model} is serving already")
        return
    bound = serving.value - serving.tolerance
    value = figure(figures, params.optimise)
    if value is None:
        yield _unknown("serving", params.optimise, bound, figures)
        return
    passed = value >= bound
    verdict = "not worse" if passed else "worse"
    reason = (
        f"{params.optimise} {value:.6g} is {verdict} than {serving.value:.6g} of the serving model "
        f"{serving.model} (tolerance {serving.tolerance:g})"
    )
    yield Check("serving", params.optimise, value, bound, passed, reason)


def _unknown(name: str, metric: str, bound: float | None, figures: dict[str, Any]) -> Check:
    hint = nearest(metric, names(figures))
    return Check(name, metric, None, bound, False, f"metrics.json has no finite figure {metric!r}; {hint}")
