"""Where the output of a pipeline is copied to, and whether this server could ever write there."""

from __future__ import annotations

from calf.model.errors import Denied, InvalidArgument
from calf.model.spec import PipelineSpec
from calf.model.spec.errors import field_error
from calf.storage.remote import Remotes

AGAIN = "; trying again in "
"""Stands in the reason of a job whose egress failed."""


def egress_url(spec: PipelineSpec) -> str:
    """Where the output of a pipeline is copied to, empty for nowhere."""
    if spec.egress is None:
        return ""
    return spec.egress.object_storage.url if spec.egress.object_storage else spec.egress.url


def check_egress(remotes: Remotes, spec: PipelineSpec) -> None:
    """Refuse what no retry could mend while this server runs: a URL of no known kind, a folder that is shut.

    Nothing is asked of the place itself. Raises `FieldError`.
    """
    url = egress_url(spec)
    if not url or spec.egress is None:
        return
    field = "egress.object_storage.url" if spec.egress.object_storage else "egress.URL"
    if url.startswith(("http://", "https://")):
        raise field_error(field, f"cannot write to {url}", "give s3://, gs://, az:// or file://")
    try:
        remotes.open(url)
    except (Denied, InvalidArgument) as error:
        raise field_error(field, error.message, error.hint) from None
