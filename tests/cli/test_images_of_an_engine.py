"""How commands speak of what ran in an image of a container engine."""

from __future__ import annotations

import pytest

from calf.cli.datum_folder import write_script
from calf.views.labels import image_words
from calf.wire.messages import calf, calf_pps

ID = "a" * 64


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("container", f"mine:1 (of the container engine, sha256:{ID})"),
        ("host", f"mine:1 (this machine's own system, sha256:{ID})"),
        ("stage", f"mine:1 (sha256:{ID})"),
    ],
)
def test_an_image_says_whose_it_is(kind: str, words: str) -> None:
    assert image_words(calf.Image(name="mine:1", digest=f"sha256:{ID}", kind=kind)) == words


def test_a_datum_by_hand_runs_in_the_very_image_of_the_engine_that_it_ran_in() -> None:
    kit = calf_pps.DebugDatumResponse(
        image=calf.Image(name="mine:1", digest=f"sha256:{ID}", kind="container"), cmd=["sh"]
    )
    script = write_script(kit)
    assert "image run" not in script
    assert f'--entrypoint "" {ID} "$@"' in script
    kit.image.kind = "stage"
    assert f"image run --pfs ./pfs --env-file ./datum.env mine:1@sha256:{ID} -- " in write_script(kit)
