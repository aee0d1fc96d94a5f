"""Whatever a client sends, a spec is read or refused with a field; nothing else may come out."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from calf.model.spec import FieldError, PipelineSpec, parse, to_document, validate, with_defaults
from calf.model.spec.inputs import PfsInput
from calf.model.spec.parts import Transform
from calf.model.spec.reading import field_types

KEYS = st.sampled_from(
    [
        *field_types(PipelineSpec),
        *field_types(Transform),
        *field_types(PfsInput),
        *(
            "pfs",
            "cron",
            "cross",
            "join",
            "union",
            "group",
            "constant",
            "memory",
            "cpu",
            "nonsense",
            "update",
        ),
    ]
)
WORDS = st.sampled_from(
    ["", "a", "/*", "/(*)", "$1", "(", "1", "20s", "1h", "1Gi", "EXISTS", "{}", "a/b", "\0"]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)


@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_a_document_is_read_or_refused_with_a_field(document: dict[str, Any]) -> None:
    with suppress(FieldError):
        spec = parse({"pipeline": {"name": "p"}, **document})
        validate(spec)
        effective = with_defaults(spec, "image")
        assert parse(to_document(effective)) == effective


LEAVES = st.builds(
    lambda **fields: {"pfs": fields},
    repo=st.sampled_from(["a", "b", "out"]),
    name=st.sampled_from(["", "x", "y"]),
    glob=st.sampled_from(["/", "/*", "/(*)", "(*)/(?)"]),
    join_on=st.sampled_from(["", "$1", "k"]),
)
INPUTS: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda key, members: {key: members},
        st.sampled_from(["cross", "union", "join", "group"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)


@given(INPUTS)
def test_an_effective_input_is_valid_and_survives_storage(document: dict[str, Any]) -> None:
    with suppress(FieldError):
        spec = parse({"pipeline": {"name": "p"}, "transform": {}, "input": document})
        validate(spec)
        effective = with_defaults(spec, "image")
        assert parse(to_document(effective)) == effective
        validate(effective)
