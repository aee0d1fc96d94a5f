"""Specs from templates, over the wire."""

from __future__ import annotations

from calf.pps.templates import render
from calf.rpc.call import Call, Handlers
from calf.wire.documents import from_document
from calf.wire.messages import Message
from calf.wire.messages import pps as api


def handlers() -> Handlers:
    """The method that renders."""
    return {"/pps_v2.API/RenderTemplate": render_template}


def render_template(request: Message, _call: Call) -> Message:
    """The JSON that a jsonnet template yields, and its specs as messages."""
    text, documents = render(request.template, request.args)
    specs = [from_document(document, api.CreatePipelineRequest()) for document in documents]
    return api.RenderTemplateResponse(json=text, specs=specs)
