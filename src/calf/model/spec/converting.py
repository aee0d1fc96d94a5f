"""Specs of Pachyderm 1.x as 2.x has them: what can be said is said in the new words, the rest is told.

The result is a document, not a checked spec: `parse` and `validate` have the last word. Keys that both
versions have stay as they are, in the spelling that they were given in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from calf.kit.fieldpath import child
from calf.model.spec.inputs import COMBINATORS
from calf.model.spec.retired import SUCCESSORS

Document = dict[str, Any]
_GPU = "nvidia.com/gpu"
_COMBINATORS = frozenset(COMBINATORS)
_INPUT = ("name", "repo", "branch", "glob", "lazy", "empty_files", "join_on", "group_by")


def convert_v1(document: Mapping[str, Any]) -> tuple[Document, list[str]]:
    """A 2.x document for a 1.x one, and a note for each change: `standby: is autoscaling now`.

    A document of 2.x comes back as it is, without notes.
    """
    notes: list[str] = []
    spec = {key: value for key, value in document.items() if _snake(key) not in _WHOLE}
    for key, value in document.items():
        rule = _WHOLE.get(_snake(key))
        if rule is not None:
            notes.append(f"{key}: {rule(spec, value)}")
            notes += _lost_methods(key, value) if rule is _inputs else []
    for key, within in (("parallelism_spec", _parallelism), ("transform", _transform), ("spout", _spout)):
        _within(spec, key, within, notes)
    for key in ("resource_requests", "resource_limits"):
        _within(spec, key, _resources, notes)
    if "input" in spec:
        spec["input"] = _input(spec["input"], "input", notes)
    return spec, notes


def _snake(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)


Rule = Callable[[Document, Any], str]
"""Changes the new document for the value of an old key, and says what became of it."""


def _dropped(key: str) -> Rule:
    return lambda _spec, _value: _told(key)


def _told(path: str) -> str:
    """What became of a field that has no place in 2.x."""
    return SUCCESSORS[path].replace("leave it out", "was left out", 1)


def _autoscaling(spec: Document, value: Any) -> str:
    if value:
        spec["autoscaling"] = True
    return "is autoscaling now" if value else "was left out: it was off"


def _chunks(spec: Document, value: Any) -> str:
    spec["datum_set_spec"] = value
    return "is datum_set_spec now"


def _resource_spec(spec: Document, value: Any) -> str:
    spec.setdefault("resource_requests", value)
    return "is resource_requests now; give resource_limits, too, if it was meant as a limit"


def _inputs(spec: Document, value: Any) -> str:
    leaves = [{"pfs": _old_leaf(item)} for item in value] if isinstance(value, list) else []
    if leaves:
        spec["input"] = leaves[0] if len(leaves) == 1 else {"cross": leaves}
    return "is input now, several of them a cross"


def _lost_methods(key: str, value: Any) -> list[str]:
    """A note for each old input that said how it is read: whole, by file, all or only what is new."""
    return [
        f"{key}[{place}].method: was left out; glob says what a datum is: / all, /* each file"
        for place, item in enumerate(value if isinstance(value, list) else ())
        if isinstance(item, Mapping) and "method" in item
    ]


_WHOLE: dict[str, Rule] = {
    "standby": _autoscaling,
    "scale_down_threshold": _autoscaling,
    "chunk_spec": _chunks,
    "resource_spec": _resource_spec,
    "inputs": _inputs,
    **{
        key: _dropped(key)
        for key in ("enable_stats", "cache_size", "max_queue_size", "hashtree_spec", "incremental")
    },
    **{key: _dropped(key) for key in ("batch", "build")},
}
"""Keys of the document that 2.x does not have."""


def _within(spec: Document, key: str, change: Callable[[Document], list[str]], notes: list[str]) -> None:
    """Let `change` mend the object under a key, in either spelling."""
    for spelling, value in spec.items():
        if _snake(spelling) == key and isinstance(value, Mapping):
            spec[spelling] = mended = dict(value)
            notes += [f"{spelling}.{note}" for note in change(mended)]


def _parallelism(value: Document) -> list[str]:
    notes = []
    if value.pop("strategy", None) is not None:
        notes.append("strategy: was left out, the number of workers is always constant")
    if (coefficient := value.pop("coefficient", None)) is not None:
        constant = max(1, round(float(coefficient)))
        value.setdefault("constant", constant)
        notes.append(f"coefficient: is constant: {value['constant']} now, since a machine is one node")
    return notes


def _transform(value: Document) -> list[str]:
    return [f"build: {_told('transform.build')}"] if value.pop("build", None) is not None else []


def _spout(value: Document) -> list[str]:
    return [
        f"{key}: {_told(f'spout.{key}')}"
        for key in ("overwrite", "marker")
        if value.pop(key, None) is not None
    ]


def _resources(value: Document) -> list[str]:
    gpu = value.get("gpu")
    if not isinstance(gpu, int | str) or not str(gpu).isdecimal():
        return []
    value["gpu"] = {"type": _GPU, "number": int(gpu)}
    return [f"gpu: is an object now, of type {_GPU}"]


def _input(node: Any, path: str, notes: list[str]) -> Any:
    if not isinstance(node, Mapping):
        return node
    found: Document = {}
    for key, value in node.items():
        where = child(path, key)
        if key in _COMBINATORS and isinstance(value, list):
            found[key] = [_input(item, child(where, place), notes) for place, item in enumerate(value)]
        elif key == "atom":
            found["pfs"] = _old_leaf(value)
            notes.append(f"{where}: is pfs now")
        elif key == "git":
            found["pfs"], note = _git(value)
            notes.append(f"{where}: {note}")
        else:
            found[key] = value
    return found


def _old_leaf(value: Any) -> Document:
    """A repo as 1.x named it; what it said about commits has no place in 2.x."""
    given = dict(value) if isinstance(value, Mapping) else {}
    if isinstance(given.get("repo"), Mapping):
        given["repo"] = given["repo"].get("name", "")
    leaf = {key: given[key] for key in _INPUT if key in given}
    leaf.setdefault("glob", "/")
    return leaf


def _git(value: Any) -> tuple[Document, str]:
    given = {str(key).lower(): item for key, item in value.items()} if isinstance(value, Mapping) else {}
    url = str(given.get("url", ""))
    name = str(given.get("name") or url.rstrip("/").rpartition("/")[2].removesuffix(".git"))
    leaf = {"repo": name, "branch": given.get("branch") or "master", "glob": "/"}
    return leaf, f"is a repo now: create {name}, and put the files of {url or 'the repository'} into it"
