"""What is answered at which path: a function of the site and the request, without a socket."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from stagekit.serve import inference
from stagekit.serve.site import Served, Site
from stagekit.serve.turns import BusyError

NAME = "calf-serve"


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, body and its type; `retry` tells the client after how many seconds to ask again."""

    status: HTTPStatus
    body: bytes
    type: str = "application/json"
    retry: int | None = None
    allow: str = ""


_MODEL = r"/v2/models/(?P<name>[^/]+)(?:/versions/(?P<version>[^/]+))?"


def respond(site: Site, method: str, path: str, body: bytes = b"") -> Reply:
    """Answer a request; whatever is wrong with it becomes a status and a JSON object with the key `error`."""
    for pattern, wanted, answer in _ROUTES:
        if found := re.fullmatch(pattern, path.partition("?")[0]):
            if method != wanted:
                text = f"{method} is not answered here, {wanted} is"
                return problem(HTTPStatus.METHOD_NOT_ALLOWED, text, allow=wanted)
            return answer(site, {name: unquote(text or "") for name, text in found.groupdict().items()}, body)
    return problem(HTTPStatus.NOT_FOUND, "there is nothing at this path; models are at /v2/models/NAME")


def problem(status: HTTPStatus, text: str, retry: int | None = None, allow: str = "") -> Reply:
    """Say in JSON what is wrong."""
    return Reply(status, _encoded({"error": text}), retry=retry, allow=allow)


def _page(site: Site, _named: dict[str, str], _body: bytes) -> Reply:
    return Reply(HTTPStatus.OK, site.page.encode(), "text/html; charset=utf-8")


def _server(_site: Site, _named: dict[str, str], _body: bytes) -> Reply:
    return _json({"name": NAME, "version": "2", "extensions": []})


def _live(_site: Site, _named: dict[str, str], _body: bytes) -> Reply:
    return _json({"live": True})


def _ready(site: Site, _named: dict[str, str], _body: bytes) -> Reply:
    return _json({"ready": True}) if site.served else _nothing(site)


def _model_ready(site: Site, named: dict[str, str], _body: bytes) -> Reply:
    served = _find(site, named)
    return served if isinstance(served, Reply) else _json({"name": served.name, "ready": True})


def _metadata(site: Site, named: dict[str, str], _body: bytes) -> Reply:
    served = _find(site, named)
    if isinstance(served, Reply):
        return served
    return _json(
        {
            "name": served.name,
            "versions": [served.version],
            "platform": "tensorflow",
            "inputs": inference.inputs(served.side),
            "outputs": inference.outputs(served.side, len(served.classes)),
            "parameters": {"classes": list(served.classes)},
        }
    )


def _infer(site: Site, named: dict[str, str], body: bytes) -> Reply:
    served = _find(site, named)
    if isinstance(served, Reply):
        return served
    try:
        with site.turns.turn():
            asked = inference.read_request(body, served.side)
            probabilities = served.answer(asked.images)
            return _json(inference.answer(asked, probabilities, served.name, served.version))
    except inference.BadRequestError as error:
        return problem(HTTPStatus.BAD_REQUEST, str(error))
    except BusyError as error:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), retry=1)


def _find(site: Site, named: dict[str, str]) -> Served | Reply:
    """Find the model that the path names."""
    served = site.served
    if served is None:
        return _nothing(site)
    if named["name"] != served.name:
        return problem(HTTPStatus.NOT_FOUND, f"there is no model {named['name']!r}, but {served.name!r}")
    if named["version"] not in ("", served.version):
        return problem(
            HTTPStatus.NOT_FOUND, f"there is no version {named['version']!r}, but {served.version!r}"
        )
    return served


def _nothing(site: Site) -> Reply:
    text = "; ".join(("no model is served: the newest release was refused", *site.reasons))
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, text)


def _json(value: Any) -> Reply:
    return Reply(HTTPStatus.OK, _encoded(value))


def _encoded(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


_ROUTES: tuple[tuple[str, str, Callable[[Site, dict[str, str], bytes], Reply]], ...] = (
    (r"/", "GET", _page),
    (r"/v2/?", "GET", _server),
    (r"/v2/health/live", "GET", _live),
    (r"/v2/health/ready", "GET", _ready),
    (_MODEL, "GET", _metadata),
    (_MODEL + "/ready", "GET", _model_ready),
    (_MODEL + "/infer", "POST", _infer),
)
