"""What a job decided, where its output says so: that it ended well does not say that a model was accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calf.web.lineage.spots import spot_of
from calf.web.reports.decisions import decision
from calf.web.reports.finding import DECISION, kinds_of
from calf.wire.messages import Message, pps

if TYPE_CHECKING:
    from calf.client.connection import Client


def decision_of(client: Client, info: Message) -> dict[str, Any] | None:
    """The decision in the output of a job that succeeded, None if there is none that says yes or no."""
    if info.state != pps.JOB_SUCCESS:
        return None
    spot = spot_of(info.output_commit)
    found = decision(client, spot) if DECISION in kinds_of(client, spot) else None
    if found is None or found["accepted"] is None:
        return None
    words = "accepted" if found["accepted"] else "refused"
    return {**spot.data, "accepted": found["accepted"], "words": words, "reasons": list(found["reasons"])}
