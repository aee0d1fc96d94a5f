"""What a job decided, where its output says so: that it ended well does not say that a model was accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calf.web.lineage.spots import spot_of
from calf.web.reports.decisions import verdict
from calf.wire.messages import Message, pps

if TYPE_CHECKING:
    from calf.client.connection import Client


def decision_of(client: Client, info: Message) -> dict[str, Any] | None:
    """The decision in the output of a job that succeeded, None if there is none that says yes or no."""
    if info.state != pps.JOB_SUCCESS:
        return None
    return verdict(client, spot_of(info.output_commit))
