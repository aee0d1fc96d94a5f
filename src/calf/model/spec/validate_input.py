"""What an input must satisfy, with Pachyderm's own texts."""

from __future__ import annotations

from calf.kit import rfc3339
from calf.kit.cron import Schedule
from calf.kit.fieldpath import child
from calf.model.glob import check_template, compile_glob
from calf.model.names import check_branch_name, check_name
from calf.model.refs import META, SPEC, USER
from calf.model.spec.errors import FieldError, field_error, naming
from calf.model.spec.inputs import CronInput, Input, PfsInput, Union, key_of, placed_leaves

_RESERVED = ("out", ".env")


def validate_input(node: Input, path: str = "input") -> None:
    """Check an input as the user gave it. Raises `FieldError` for the first thing that is wrong."""
    _names(node, path)


def _names(node: Input, path: str) -> set[str]:
    """Check what is at and below `path`; gives the names that are used there."""
    if isinstance(node, PfsInput):
        _check_pfs(node, child(path, "pfs"))
        return {node.name or node.repo}
    if isinstance(node, CronInput):
        _check_cron(node, child(path, "cron"))
        return {node.name}
    used: set[str] = set()
    key = key_of(node)
    if key != "cross":
        _check_no_s3(node, path, key)
    for place, member in enumerate(node.members):
        where = child(child(path, key), place)
        names = _names(member, where)
        if used & names and not isinstance(node, Union):
            twice = min(used & names)
            raise FieldError(
                f'name "{twice}" was used more than once', where, "give each input a `name` of its own"
            )
        used |= names
    return used


def _check_no_s3(node: Input, path: str, key: str) -> None:
    """However deep: what such an input holds is no datum's own."""
    for where, leaf in placed_leaves(node, path):
        if isinstance(leaf, PfsInput) and leaf.s3:
            raise FieldError(f"S3 inputs in {key} expressions are not supported", child(where, "s3"))


def _check_pfs(leaf: PfsInput, path: str) -> None:
    if not leaf.repo:
        raise FieldError("input must specify a repo", child(path, "repo"))
    if leaf.repo == "out" and not leaf.name:
        text = "inputs based on repos named \"out\" must have 'name' set, as /pfs/out is where output goes"
        raise FieldError(text, child(path, "name"))
    _check_name(leaf.name or leaf.repo, child(path, "name" if leaf.name else "repo"))
    if leaf.repo_type not in ("", USER, META, SPEC):
        problem = f'"{leaf.repo_type}" is not a type of repo'
        raise field_error(child(path, "repo_type"), problem, f"use {USER} or {META}")
    if leaf.branch:
        with naming(child(path, "branch")):
            check_branch_name(leaf.branch)
    if leaf.commit:
        text = "input cannot come from a commit; use a branch with head pointing to the commit"
        raise FieldError(text, child(path, "commit"))
    _check_s3(leaf, path)
    _check_glob(leaf, path)


def _check_glob(leaf: PfsInput, path: str) -> None:
    if not leaf.glob:
        hint = 'glob: "/" makes one datum of everything, "/*" one of each file and folder at the top'
        raise FieldError("input must specify a glob", child(path, "glob"), hint)
    with naming(child(path, "glob")):
        compile_glob(leaf.glob)
    groups = compile_glob(leaf.glob).groups
    with naming(child(path, "join_on")):
        check_template(leaf.join_on, groups)
    with naming(child(path, "group_by")):
        check_template(leaf.group_by, groups)


def _check_s3(leaf: PfsInput, path: str) -> None:
    if not leaf.s3:
        return
    for field in ("lazy", "empty_files"):
        if getattr(leaf, field):
            raise FieldError(f"input cannot specify both 's3' and '{field}'", child(path, field))
    if leaf.glob != "/":
        text = "inputs that set 's3' to 'true' must also set 'glob', to \"/\", as they come as a whole"
        raise FieldError(text, child(path, "glob"))


def _check_cron(leaf: CronInput, path: str) -> None:
    if not leaf.name:
        raise FieldError("input must specify a name", child(path, "name"))
    _check_name(leaf.name, child(path, "name"))
    if leaf.repo:
        with naming(child(path, "repo")):
            check_name(leaf.repo)
    if leaf.commit:
        text = "a cron input cannot come from a commit; its own ticks are what it reads"
        raise FieldError(text, child(path, "commit"))
    try:
        Schedule.parse(leaf.spec)
    except ValueError as error:
        hint = 'for example "@every 60s", "@daily", "*/5 * * * *" or "@never"'
        raise FieldError(f"error parsing cron-spec: {error}", child(path, "spec"), hint) from None
    try:
        rfc3339.parse(leaf.start or "1970-01-01T00:00:00Z")
    except ValueError as error:
        raise field_error(child(path, "start"), str(error)) from None


def _check_name(name: str, path: str) -> None:
    if name in _RESERVED:
        raise FieldError(f"input cannot be named {name}", path, "give it another `name`")
    with naming(path):
        check_name(name)
