from __future__ import annotations

import base64
import io
import json
from http import HTTPStatus
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from stagekit.canonical import write_json
from stagekit.errors import StageError
from stagekit.ingest.decode import decode_photo, to_square
from stagekit.metrics.confidence import softmax
from stagekit.serve import inference
from stagekit.serve.choose import Choice, check, choose
from stagekit.serve.opening import open_site
from stagekit.serve.page import About, page
from stagekit.serve.routes import respond
from stagekit.serve.site import Served, Site
from stagekit.serve.turns import BusyError, Turns

SIDE = 4
INFER = "/v2/models/pets/infer"


def ask(images: Any) -> Any:
    """A model whose logits are the colours."""
    return softmax(images.astype(np.float32) / 100)


SERVED = Served("pets", "7f", SIDE, ("pet", "background", "border"), ask)
SITE = Site("<p>hello</p>", SERVED)
REFUSED = Site("<p>no</p>", None, ("unproved", "mean_iou is too low"))


def photo(size: tuple[int, int] = (9, 6), kind: str = "JPEG") -> bytes:
    made = io.BytesIO()
    random = np.random.default_rng(3)
    Image.fromarray(random.integers(0, 256, (*size[::-1], 3), dtype=np.uint8)).save(made, kind)
    return made.getvalue()


def of_photo(content: bytes, **more: Any) -> dict[str, Any]:
    data = [base64.b64encode(content).decode()]
    return {"inputs": [{"name": "photo", "datatype": "BYTES", "shape": [1], "data": data}], **more}


def of_image(data: Any, shape: Any = (1, SIDE, SIDE, 3), datatype: str = "UINT8") -> dict[str, Any]:
    return {"inputs": [{"name": "image", "datatype": datatype, "shape": list(shape), "data": data}]}


def post(request: Any, site: Site = SITE) -> tuple[HTTPStatus, dict[str, Any]]:
    body = request if isinstance(request, bytes) else json.dumps(request).encode()
    reply = respond(site, "POST", INFER, body)
    return reply.status, json.loads(reply.body)


def test_the_protocols_questions_about_server_and_model_are_answered() -> None:
    paths = (
        "/v2",
        "/v2/health/live",
        "/v2/health/ready",
        "/v2/models/pets/ready",
        "/v2/models/pets/versions/7f/ready",
    )
    assert [respond(SITE, "GET", path).status for path in paths] == [HTTPStatus.OK] * len(paths)
    told = json.loads(respond(SITE, "GET", "/v2/models/pets").body)
    assert (told["name"], told["versions"]) == ("pets", ["7f"])
    assert [(each["name"], each["datatype"], each["shape"]) for each in told["inputs"] + told["outputs"]] == [
        ("image", "UINT8", [-1, SIDE, SIDE, 3]),
        ("photo", "BYTES", [-1]),
        ("probabilities", "FP64", [-1, SIDE, SIDE, 3]),
        ("mask", "UINT8", [-1, SIDE, SIDE]),
    ]
    assert respond(SITE, "GET", "/").type.startswith("text/html")


def test_a_photo_is_answered_as_its_resized_pixels_are_to_the_last_bit() -> None:
    pixels = to_square(decode_photo(io.BytesIO(photo()), 1000), SIDE)
    status, answer = post(of_photo(photo(), id="a1"))
    assert (status, answer["id"], answer["model_name"], answer["model_version"]) == (200, "a1", "pets", "7f")
    given = {each["name"]: np.array(each["data"]).reshape(each["shape"]) for each in answer["outputs"]}
    assert (given["probabilities"][0] == ask(pixels)).all()
    assert (given["mask"][0] == ask(pixels).argmax(axis=-1)).all()
    assert post(of_image(pixels.ravel().tolist()))[1]["outputs"] == answer["outputs"]
    assert post(of_image([pixels.tolist()]))[1]["outputs"] == answer["outputs"]
    only = post(of_photo(photo(), outputs=[{"name": "mask"}]))[1]["outputs"]
    assert only == answer["outputs"][1:]


FULL = [0] * (SIDE * SIDE * 3)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (b"\xff", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        ([], "JSON object"),
        ({"inputs": []}, "a list of one tensor"),
        ({"inputs": [{"name": "x"}]}, "no input 'x'"),
        (of_image(FULL) | {"outputs": [{"name": "logits"}]}, "no output 'logits'"),
        (of_image(FULL) | {"id": 3}, "id must be a text"),
        (of_image(FULL, datatype="FP32"), "is UINT8, not 'FP32'"),
        (of_image(FULL, shape=[1, 8, 8, 3]), "the shape of image"),
        (of_image(FULL, shape=[True, SIDE, SIDE, 3]), "the shape of image"),
        (of_image(FULL, shape=[17, SIDE, SIDE, 3]), "1 to 16 photos"),
        (of_image(FULL, shape=[2, SIDE, SIDE, 3]), "holds 48 numbers"),
        (of_image([*FULL[1:], 256]), "from 0 to 255"),
        (of_image([*FULL[1:], 0.5]), "from 0 to 255"),
        (of_image([*FULL[1:], 10**30]), "from 0 to 255"),
        (of_image([]), "from 0 to 255"),
        (of_image([[1], [1, 2]]), "no tensor"),
        (of_image("AAAA"), "as a list in JSON"),
        (of_photo(b"no picture"), "image_unreadable"),
        (of_photo(photo()[:200]), "image_unreadable"),
        ({"inputs": [{"name": "photo", "datatype": "BYTES", "shape": [1], "data": ["?"]}]}, "not in base64"),
        ({"inputs": [{"name": "photo", "datatype": "BYTES", "shape": [2], "data": ["?"]}]}, "2 texts"),
    ],
)
def test_what_cannot_be_answered_is_a_bad_request_that_says_why(request_: Any, said: str) -> None:
    status, answer = post(request_)
    assert status == HTTPStatus.BAD_REQUEST
    assert said in answer["error"]


def test_a_photo_of_too_many_pixels_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference, "MAX_PIXELS", 53)
    status, answer = post(of_photo(photo((9, 6))))
    assert (status, answer["error"].split(":")[1].strip()) == (HTTPStatus.BAD_REQUEST, "image_too_large")


def test_other_models_paths_and_methods_have_their_own_answers() -> None:
    found = [
        respond(SITE, method, path).status
        for method, path in [
            ("GET", "/v2/models/other"),
            ("GET", "/v2/models/pets/versions/8"),
            ("GET", "/x"),
        ]
    ]
    assert found == [HTTPStatus.NOT_FOUND] * 3
    wrong = respond(SITE, "GET", INFER)
    assert (wrong.status, wrong.allow) == (HTTPStatus.METHOD_NOT_ALLOWED, "POST")


def test_a_refused_release_is_live_but_answers_nothing_and_says_why() -> None:
    assert respond(REFUSED, "GET", "/v2/health/live").status == HTTPStatus.OK
    for method, path in [("GET", "/v2/health/ready"), ("GET", "/v2/models/pets/ready"), ("POST", INFER)]:
        reply = respond(REFUSED, method, path)
        assert reply.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert b"refused; unproved; mean_iou is too low" in reply.body


def test_who_has_to_wait_too_long_is_told_to_come_again() -> None:
    crowded = Site("", SERVED, turns=Turns(waiting=0, patience=0.01))
    with crowded.turns.turn():
        reply = respond(crowded, "POST", INFER, b"{}")
        assert (reply.status, reply.retry) == (HTTPStatus.SERVICE_UNAVAILABLE, 1)
    assert respond(crowded, "POST", INFER, b"{}").status == HTTPStatus.BAD_REQUEST
    slow = Turns(waiting=1, patience=0.01)
    with slow.turn(), pytest.raises(BusyError, match="seconds were not enough"), slow.turn():
        pass


def decided(folder: Path, *against: str) -> Path:
    """An output of release."""
    told = {"accepted": not against, "reasons": list(against or ("good",)), "checks": []}
    write_json(folder / "decision.json", told)
    return folder


def test_the_newest_release_serves_and_a_refused_one_leaves_it_to_the_one_in_service(tmp_path: Path) -> None:
    good, bad = decided(tmp_path / "good"), decided(tmp_path / "bad", "too low")
    assert choose(good, None) == Choice(good / "model", "release", ("good",))
    assert choose(bad, good) == Choice(good / "model", "serving", ("too low",), refused=True)
    for serving in (None, bad, tmp_path):
        assert choose(bad, serving) == Choice(None, "", ("too low",), refused=True)
    with pytest.raises(StageError, match="decision"):
        choose(tmp_path, None)
    site = open_site(choose(bad, None), "pets", (), {"release": "c0ffee"})
    assert site.served is None
    assert "too low" in site.page
    assert "c0ffee" in site.page


def test_a_damaged_bundle_is_not_served(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"1")
    subject = [{"name": "weights", "digest": {"sha256": "0" * 64}}]
    write_json(tmp_path / "provenance.json", {"subject": subject})
    with pytest.raises(StageError, match="not served:\n  weights has changed"):
        check(tmp_path)


def test_nothing_on_the_page_becomes_markup() -> None:
    text = page(About("a<b", {"<i>": "&"}, ("<script>",), "</pre>", "<n>"))
    assert not any(each in text for each in ("<script>", "<i>", "a<b", "</pre></pre>", "<n>"))
