"""What fsck sees of pipelines that were tampered with."""

from __future__ import annotations

import pytest

from tests.pps.pipelines.bench import Bench


@pytest.mark.parametrize(
    "change",
    ["salt = 'other'", "spec = replace(spec, 'run', 'rm')", "image_digest = 'd0'", "spec_commit = 'x'"],
)
def test_a_changed_version_is_seen(bench: Bench, change: str) -> None:
    bench.create("p")
    bench.update("p")
    with bench.world.pfs.db.write() as tx:
        old = tx.all("SELECT version, spec, salt, image_digest, spec_commit FROM pipeline_versions")
        tx.execute(f"UPDATE pipeline_versions SET {change} WHERE version = 1")
    assert bench.fsck() == [
        "consistency error: version 1 of pipeline default/p was changed behind the engine's back"
    ]
    with bench.world.pfs.db.write() as tx:
        for version, *values in old:
            tx.execute(
                "UPDATE pipeline_versions SET spec = ?, salt = ?, image_digest = ?, spec_commit = ?"
                " WHERE version = ?",
                (*values, version),
            )
