"""A dashboard that stands while it is upgraded."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from jinja2 import Environment

from calf.web import serving, taken_in
from calf.web.serving import Offer
from calf.web.taken_in import Code, read_templates
from calf.web.upstream import Upstream
from tests.web.serving import LIMIT, listening

LATER = time.time_ns() + 3600 * 10**9
"""As if it began after all files were written."""


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(taken_in, "TEMPLATES", tmp_path)
    file = tmp_path / "topic" / "page.html"
    file.parent.mkdir()
    file.write_text("as it was")
    return file


def is_current(code: Code) -> bool:
    """Once all of it is loaded."""
    assert code.is_current()
    assert code._loading is not None
    code._loading.join(LIMIT)
    return code.is_current()


def test_a_template_stays_as_it_was_at_the_start(template: Path) -> None:
    made = Environment(loader=read_templates(), autoescape=True)
    template.write_text("as it is now")
    assert made.get_template("topic/page.html").render() == "as it was"


def test_code_is_current_until_a_file_of_it_changes(template: Path) -> None:
    code = Code(LATER)
    assert is_current(code)
    template.write_text("as it is now")
    assert not code.is_current()


def test_code_that_changed_while_it_was_loaded_is_not_current(template: Path) -> None:
    assert template.stat().st_ctime_ns > 1
    assert not is_current(Code(1))


@pytest.mark.usefixtures("template")
def test_a_dashboard_ends_when_its_code_has_changed(
    server_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "_LOOKS_EVERY", 1)
    offer = Offer(Upstream(server_address), (), code=Code(1))
    with listening(server_address, offer) as made:
        made.thread.join(LIMIT)
        assert not made.thread.is_alive()
