"""What a release decided, as `/decision.json` says: accepted or not, and every check with its reason."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from calf.client.connection import Client
from calf.model.errors import NotFound
from calf.web.lineage.behind import made_by, record
from calf.web.lineage.spots import Spot
from calf.web.lineage.uses import readers_of
from calf.web.reports.documents import LONGEST, plain, readable, text_file
from calf.web.reports.figures import is_number
from calf.web.reports.finding import DECISION, Result, digest_of, kinds_of
from calf.web.reports.limits import is_best

SERVING = "serving"
"""The gate that compares with the release that is in use."""
_MOST_CHECKS = 200
_LONGEST_TEXT = 1000


@lru_cache(maxsize=128)
def decision(client: Client, spot: Spot) -> Mapping[str, Any]:
    """What a release decided: `read_decision` of its document."""
    return read_decision(text_file(client, spot, DECISION) or "")


def read_decision(text: str) -> Mapping[str, Any]:
    """A decision in the data of a page; `accepted` is None where the document does not say it as ours do."""
    document = _object(text)
    checks = [_check(each) for each in _list(document.get("checks"))]
    accepted = document.get("accepted")
    return {
        "accepted": accepted if isinstance(accepted, bool) else None,
        "words": _text(document.get("decision", "no decision")),
        "model": _text(document.get("model") or ""),
        "checks": checks,
        "reasons": [_text(each) for each in _list(document.get("reasons"))],
        "waived": [_text(each) for each in _list(document.get("waived"))],
        "passed": sum(check["outcome"] == "passed" for check in checks),
        "failed": sum(check["outcome"] == "failed" for check in checks),
        "doubts": list(_doubts(checks)),
    }


def verdict(client: Client, spot: Spot) -> dict[str, Any] | None:
    """What a finished output decided, in a word; None where it holds no decision that says yes or no."""
    found = decision(client, spot) if DECISION in kinds_of(client, spot) else None
    if found is None or found["accepted"] is None:
        return None
    words = "accepted" if found["accepted"] else "refused"
    return {**spot.data, "accepted": found["accepted"], "words": words, "reasons": list(found["reasons"])}


def _doubts(checks: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What a reader is to know of the gates that were passed."""
    for check in checks:
        if check["outcome"] == "waived":
            yield check["reason"] or f"waived: {check['name']}"
        elif check["outcome"] == "passed" and check["name"] == SERVING and check["value"] is None:
            yield check["reason"] or "compared with no release that is in use"
        elif check["outcome"] == "passed" and check["value"] is not None and _is_just_held(check):
            yield f"{check['metric']} passed exactly at its limit, {check['bound']:g}"


def _is_just_held(check: Mapping[str, Any]) -> bool:
    return bool(check["value"] == check["bound"]) and not is_best(check["metric"], check["value"])


def _object(text: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text[:LONGEST])
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _text(value: object) -> str:
    return readable(str(value))[:_LONGEST_TEXT]


def _list(value: object) -> list[Any]:
    return value[:_MOST_CHECKS] if isinstance(value, list) else []


def _check(given: object) -> dict[str, Any]:
    """A gate: `outcome` is `passed`, `failed` or `waived`."""
    check: Mapping[str, Any] = given if isinstance(given, dict) else {"reason": given}
    waived = bool(check.get("waived"))
    value, bound = plain(check.get("value")), plain(check.get("bound"))
    return {
        "name": _text(check.get("name", "")).replace("_", " "),
        "metric": _text(check.get("metric", "")),
        "value": value if is_number(value) else None,
        "bound": bound if is_number(bound) else None,
        "outcome": "waived" if waived else "passed" if check.get("passed") is True else "failed",
        "reason": _text(check.get("reason", "")),
    }


def decided_metrics(found: Mapping[str, Any]) -> list[str]:
    """The figures that a decision was made by: the one to optimise, then those with limits."""
    first = [check["metric"] for check in found["checks"] if check["name"] == "optimised"]
    return [name for name in dict.fromkeys([*first, *(check["metric"] for check in found["checks"])]) if name]


def decisions_about(
    client: Client, releases: Iterable[Result], reports: Sequence[Spot]
) -> dict[Spot, Result]:
    """The newest of some releases, which come newest first, for each commit that it was decided about.

    Of a report that none of them read the releases that did are asked for, since there may be any number of
    newer ones; where none did, it has what was decided of the same bytes in another commit of its repo.
    """
    found: dict[Spot, Result] = {}
    for release in releases:
        try:
            for spot in (release.spot, *record(client, release.spot).made_from):
                found.setdefault(spot, release)
        except NotFound:
            continue  # deleted since it was listed
    for spot in reports:
        if spot not in found and (release_of := _decided_by(client, spot)):
            found[spot] = release_of
    return found | dict(_decided_alike(client, found, [spot for spot in reports if spot not in found]))


def _decided_by(client: Client, report: Spot) -> Result | None:
    """The newest release that was made from a report itself."""
    try:
        read_by = readers_of(client, report)
    except NotFound:
        return None  # deleted since it was listed
    for spot in read_by:
        made = made_by(client, spot)
        if made is not None and made.state == "success" and DECISION in kinds_of(client, spot):
            return Result(spot, made.finished, 0, record(client, spot).message)
    return None


def _decided_alike(
    client: Client, about: Mapping[Spot, Result], reports: Iterable[Spot]
) -> Iterator[tuple[Spot, Result]]:
    for report in reports:
        digest = digest_of(client, report)
        same = (
            release
            for spot, release in about.items()
            if spot.is_beside(report) and digest and digest_of(client, spot) == digest
        )
        if release := next(same, None):
            yield report, replace(release, alike=True)
