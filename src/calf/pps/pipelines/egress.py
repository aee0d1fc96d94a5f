"""Where the output of a pipeline is copied to, and whether this server could ever write there."""

from __future__ import annotations

from calf.model.errors import Denied, InvalidArgument
from calf.model.spec import PipelineSpec
from calf.storage.remote import Remotes

AGAIN = "; trying again in "
"""Stands in the reason of a job whose egress failed."""


def egress_url(spec: PipelineSpec) -> str:
    """Where the output of a pipeline is copied to, empty for nowhere."""
    if spec.egress is None:
        return ""
    return spec.egress.object_storage.url if spec.egress.object_storage else spec.egress.url


def shut(remotes: Remotes, spec: PipelineSpec) -> str:
    """Why no retry can write there while this server runs: the kind of URL, a folder that is shut; or "".

    Nothing is asked of the place itself. A spec may name such a place all the same, as in Pachyderm: its jobs
    stay EGRESSING until a server that may write there takes them up.
    """
    url = egress_url(spec)
    if not url:
        return ""
    if url.startswith(("http://", "https://")):
        return f"egress: cannot write to {url}"
    try:
        remotes.open(url)
    except (Denied, InvalidArgument) as error:
        return f"egress: {error.message}"
    return ""
