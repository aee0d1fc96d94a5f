"""Specs from templates, over the wire: jsonnet that yields a spec, or a list of them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from calf.model.errors import InvalidArgument
from calf.rpc.call import Call, Handlers
from calf.runner.strangers import Language, Refusal, engage
from calf.wire.documents import from_document
from calf.wire.messages import Message
from calf.wire.messages import pps as api

MOST_SPECS = 1000


def handlers() -> Handlers:
    """The method that renders."""
    return {"/pps_v2.API/RenderTemplate": render_template}


def render_template(request: Message, _call: Call) -> Message:
    """The JSON that a jsonnet template yields, and its specs as messages.

    The arguments are handed, as texts, to the function that the template is.
    """
    text, documents = _render(request.template, request.args)
    specs = [from_document(document, api.CreatePipelineRequest()) for document in documents]
    return api.RenderTemplateResponse(json=text, specs=specs)


def _render(template: str, arguments: Mapping[str, str]) -> tuple[str, list[dict[str, object]]]:
    try:
        with engage(Language.JSONNET, template) as ask:
            text: str = ask(dict(arguments))
        found = json.loads(text)
    except (Refusal, RecursionError) as error:
        raise InvalidArgument(f"template err: {str(error).strip()}") from None
    documents = found if isinstance(found, list) else [found]
    if len(documents) > MOST_SPECS:
        raise InvalidArgument(f"template err: it yields {len(documents)} specs, of which {MOST_SPECS} can be")
    if not all(isinstance(document, dict) for document in documents):
        raise InvalidArgument(
            "template err: it must yield an object or an array of objects", "each object is one pipeline"
        )
    return text, documents
