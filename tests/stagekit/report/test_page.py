from __future__ import annotations

import re
from typing import Any

import pytest

from stagekit.report.html import CONTENTS, html_page, section_link

PNG = "iVBORw0KGgo="


def shown(data: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": metadata}


def page(*outputs: dict[str, Any], markdown: str = "## Can it be trusted?") -> str:
    cells = [
        {"cell_type": "code", "source": "secret = 1", "outputs": [shown({"text/html": CONTENTS})]},
        {"cell_type": "markdown", "source": markdown},
        {"cell_type": "code", "source": "", "outputs": list(outputs)},
    ]
    return html_page({"cells": cells}, "A <title>").decode()


def test_the_contents_link_to_every_section_by_the_address_that_others_use() -> None:
    text = page(shown({"text/markdown": "## How it *was* made"}))
    assert '<a href="#Can-it-be-trusted?">Can it be trusted?</a>' in text
    assert '<h2 id="Can-it-be-trusted?">' in text
    assert section_link("Can it be trusted?") == "#Can-it-be-trusted?"
    assert "How it <em>was</em> made</a>" in text
    for target in re.findall(r'href="#([^"]+)"', text):
        assert f'id="{target}"' in text


def test_a_picture_has_its_words_and_width() -> None:
    told = {"alt": 'a "curve"', "width": 640}
    text = page(shown({"image/png": PNG, "text/plain": "<Figure>"}, **{"image/png": told}))
    assert f'<img src="data:image/png;base64,{PNG}" alt="a &quot;curve&quot;" width="640">' in text
    assert "Figure" not in text
    assert '<div class="wide broad"><img' in text
    assert '<div class="wide"><img' in page(shown({"image/png": PNG}, **{"image/png": {"width": 460}}))


def test_code_is_left_out_and_what_is_printed_is_text() -> None:
    text = page({"output_type": "stream", "name": "stdout", "text": "<b>bold</b>"})
    assert "secret" not in text
    assert "&lt;b&gt;bold&lt;/b&gt;" in text


def test_an_output_of_plain_text_is_escaped() -> None:
    assert "&lt;object&gt;" in page(shown({"text/plain": "<object>"}))


@pytest.mark.parametrize(
    "part", ["default-src 'none'", "img-src data:", 'name="viewport"', "<title>A &lt;title&gt;</title>"]
)
def test_the_page_fetches_nothing_and_fits_a_narrow_screen(part: str) -> None:
    assert part in page()
