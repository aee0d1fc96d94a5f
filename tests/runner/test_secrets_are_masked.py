"""What a stage prints of its secrets is masked; what it puts out is its own."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from calf.runner.masking import masker

if TYPE_CHECKING:
    from tests.runner.benches import Bench

SECRET = 's3kr/et=ü"x'


@pytest.mark.parametrize(
    "form",
    [SECRET, quote(SECRET, safe=""), json.dumps(SECRET)[1:-1], b64encode(SECRET.encode()).decode()],
    ids=["plain", "url", "json", "base64"],
)
def test_a_value_is_masked_in_the_forms_that_programs_print(form: str) -> None:
    assert masker([SECRET.encode()])(f"a {form} b {form}") == "a *** b ***"


def test_each_line_of_a_long_secret_is_masked() -> None:
    mask = masker([b"-----BEGIN-----\nMIIEvQ+/=\n-----END-----\n"])
    assert mask("got MIIEvQ+/= here") == "got *** here"


def test_the_longest_value_goes_first_and_short_ones_are_left() -> None:
    mask = masker([b"pass", b"password", b"on", b""])
    assert mask("password on pass") == "*** on ***"


def test_log_reason_and_error_program_are_masked_the_output_is_not(best: Bench) -> None:
    worker = best.worker(
        "sh",
        "-c",
        'echo "in $WORD"; echo "$WORD" >/pfs/out/f; echo "oops $WORD" >&2; exit "${CODE:-0}"',
        err_cmd=("sh", "-c", 'echo "sorry $WORD"; exit 1'),
        env={"WORD": SECRET},
        masked=(SECRET.encode(),),
    )
    assert best.read(best.datum(worker)) == {"/f": f"{SECRET}\n".encode()}
    assert not best.datum(worker, env={"CODE": "3"}).ok
    assert best.said().splitlines().count("in ***") == 2
    assert "oops ***" in best.said()
    assert "sorry ***" in best.said()
    assert SECRET not in best.said() + best.noted()
