from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stagekit.errors import StageError

if TYPE_CHECKING:
    from conftest import Ingested


def test_too_many_rejected_pairs_fail_the_job_and_tell_reasons_and_names(sixty: Ingested) -> None:
    for number in range(7):
        sixty.reject(f"bad_{number}", "mask_missing" if number else "mask_values")
    with pytest.raises(
        StageError, match=r"rejected 7 of 67 pairs.*6 x mask_missing, 1 x mask_values.*bad_0 has"
    ):
        sixty.split(max_rejected_share=0.1)


def test_the_share_itself_is_still_allowed_and_reported(sixty: Ingested) -> None:
    for number in range(20):
        sixty.reject(f"bad_{number}")
    sixty.split(max_rejected_share=0.25)
    rejected = sixty.report()["rejected"]
    assert (rejected["share"], rejected["reasons"]) == (0.25, {"mask_missing": 20})
    assert rejected["pairs"][0] == {"id": "bad_0", "reason": "mask_missing", "message": "bad_0 has no trimap"}


def test_all_pairs_rejected_fails_by_the_share_before_anything_else(ingested: Ingested) -> None:
    ingested.reject("bad_1")
    with pytest.raises(StageError, match="rejected 1 of 1 pairs"):
        ingested.split()
