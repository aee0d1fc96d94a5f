"""Which rule of identity a pipeline version follows, and the code that it covers."""

from __future__ import annotations

from calf.model.identity import Recipe
from calf.model.pps_infos import PipelineInfo
from calf.pps.settings import Settings


def recipe_of(info: PipelineInfo, settings: Settings) -> Recipe | None:
    """The recipe of a version by our rule; None for Pachyderm's rule, and while the image is not known.

    The annotation `calf.dev/datum-identity` of the pipeline wins over the server's setting.
    """
    rule = info.spec.identity_rule or settings.datum_identity
    return None if rule == "pachyderm" else code_of(info)


def code_of(info: PipelineInfo) -> Recipe | None:
    """All that our rule counts of what a version runs, by whichever rule it goes; None without an image."""
    transform = info.spec.transform
    if transform is None or info.image is None:
        return None
    return Recipe(
        image=info.image.digest,
        cmd=transform.cmd,
        stdin=transform.stdin,
        err_cmd=transform.err_cmd,
        err_stdin=transform.err_stdin,
        env=transform.env,
        accept_return_code=transform.accept_return_code,
        user=transform.user,
        working_dir=transform.working_dir,
        datum_batching=transform.datum_batching,
    )
