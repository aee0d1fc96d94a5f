"""Composition of templates: base groups, a profile, the user's overlays and single keys, in that order.

A template folder holds one folder a group (`base`, and one a profile), each with one YAML file a block.
Blocks refer to each other's keys by interpolation, `${shared.seed}`. A file that has its own `v` is a whole
block and *replaces* what was before it, since keys of two versions must not mix; one without is laid over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from omegaconf import DictConfig, OmegaConf
from omegaconf.basecontainer import BaseContainer
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException, UnsupportedInterpolationType

from stagekit.config.errors import ConfigError, nearest

# what YAML and OmegaConf raise beside their own: of numbers with thousands of digits, odd keys, endless depth
_MALFORMED = (yaml.YAMLError, OmegaConfBaseException, ValueError, TypeError, RecursionError)
ALLOWED_RESOLVERS = ("oc.select", "oc.dict.keys", "oc.dict.values")


@dataclass(frozen=True, slots=True)
class Choice:
    """What the user chose: a template folder, a profile, overlay files, and `key=value` overrides."""

    templates: Path
    profile: str = "quick"
    overlays: tuple[Path, ...] = ()
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Composed:
    """The tree of blocks, interpolations still in it, and what each block was put together from, in order."""

    tree: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, list[str]] = field(default_factory=dict)


def compose(choice: Choice, blocks: Sequence[str]) -> Composed:
    """Lay the templates over each other.

    Raises `ConfigError` for an unknown profile or block, a file that is no YAML mapping, and a malformed
    override.
    """
    made = Composed()
    for group in ("base", choice.profile):
        for path in _group_files(choice.templates, group):
            _lay(made, path.stem, read_yaml(path), str(path), blocks)
    for path in choice.overlays:
        for name, body in read_yaml(path).items():
            _lay(made, name, body, str(path), blocks)
    return _override(made, choice.overrides, blocks)


def resolve_interpolations(tree: dict[str, Any]) -> dict[str, Any]:
    """Replace every interpolation by its value.

    Raises `ConfigError` for a resolver that is not in `ALLOWED_RESOLVERS`, such as the environment, and for a
    reference that leads nowhere or a key that is still to be given (`???`).
    """
    with _only_allowed_resolvers():
        try:
            resolved = OmegaConf.to_container(OmegaConf.create(tree), resolve=True, throw_on_missing=True)
        except OmegaConfBaseException as error:
            raise ConfigError(_interpolation_advice(error)) from error
        except (RecursionError, ValueError, TypeError) as error:
            raise ConfigError(f"parameters: a reference leads nowhere: {error}") from error
    assert isinstance(resolved, dict)
    return resolved


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping; duplicate keys, several documents and other shapes are errors.

    Raises `ConfigError` that names the file and, for a syntax error, line and column.
    """
    try:
        content = OmegaConf.load(path)
        plain = _plain(content) if isinstance(content, DictConfig) else None
    except OSError as error:
        told = (
            f"cannot be read: {error.strerror}" if error.strerror else "must be a mapping of keys to values"
        )
        raise ConfigError(f"{path}: {told}") from error
    except _MALFORMED as error:
        raise ConfigError(f"{path}: no valid YAML: {error}") from error
    if plain is None:
        raise ConfigError(f"{path}: must be a mapping of keys to values")
    return plain


def _group_files(templates: Path, group: str) -> list[Path]:
    folder = templates / group
    if not folder.is_dir():
        profiles = (
            [entry.name for entry in templates.iterdir() if entry.is_dir()] if templates.is_dir() else []
        )
        raise ConfigError(
            f"profile {group!r}: no folder {folder}; {nearest(group, set(profiles) - {'base', 'schema'})}"
        )
    return sorted(folder.glob("*.yaml"))


def _lay(made: Composed, name: object, body: Any, source: str, blocks: Sequence[str]) -> None:
    if not isinstance(name, str) or name not in blocks:
        raise ConfigError(f"{source}: unknown block {name!r}; {nearest(str(name), blocks)}")
    if not isinstance(body, dict):
        raise ConfigError(f"{source}: block {name!r} must be a mapping of keys to values")
    if "v" in body:
        made.tree[name], made.sources[name] = body, [source]
        return
    try:
        made.tree[name] = _plain(OmegaConf.merge(made.tree.get(name, {}), body))
    except _MALFORMED as error:
        raise ConfigError(f"{source}: block {name!r} cannot be laid over: {error}") from error
    made.sources.setdefault(name, []).append(source)


def _override(made: Composed, overrides: Sequence[str], blocks: Sequence[str]) -> Composed:
    """Set single keys, in order. Messages name the key, and not the value that was meant for it."""
    tree = made.tree
    for override in overrides:
        key, equals, value = override.partition("=")
        block, dot, rest = key.partition(".")
        if not equals or not dot or not rest:
            raise ConfigError(f"-o {key}: write it as block.key=value, for example {blocks[0]}.key=value")
        if block not in blocks:
            raise ConfigError(f"-o {key}: unknown block {block!r}; {nearest(block, blocks)}")
        before = tree.get(block, {}).get("v")
        tree = _set(tree, key, value)
        if before is not None and tree[block].get("v") != before:
            raise ConfigError(
                f"-o {key}: the keys of {block!r} were written in v {before}, and stay so; a block of "
                "another version comes as a whole, in a file with its own v (-f)"
            )
        made.sources.setdefault(block, []).append(f"-o {key}")
    return Composed(tree, made.sources)


def _set(tree: dict[str, Any], key: str, value: str) -> dict[str, Any]:
    """Set one dotted key; numbers in it are places in lists (`limits[0].at_least`)."""
    try:
        config = OmegaConf.create(tree)
        OmegaConf.update(config, key, _plain(OmegaConf.from_dotlist([f"value={value}"]))["value"])
        return _plain(config)
    except IndexError as error:
        raise ConfigError(f"-o {key}: cannot be set: there is no such place in the list") from error
    except _MALFORMED as error:
        kind = "no valid YAML" if isinstance(error, yaml.YAMLError) else str(error).partition("\n")[0]
        raise ConfigError(f"-o {key}: cannot be set: {kind}") from error


def _plain(config: Any) -> dict[str, Any]:
    content = OmegaConf.to_container(config, resolve=False)
    assert isinstance(content, dict)
    return content


def _interpolation_advice(error: OmegaConfBaseException) -> str:
    key = error.full_key or "parameters"
    first = str(error).splitlines()[0]
    if isinstance(error, UnsupportedInterpolationType):
        return f"{key}: {first}; allowed are: {', '.join(ALLOWED_RESOLVERS)}"
    if isinstance(error, MissingMandatoryValue):
        return f"{key}: required; set {key}=<value>"
    return f"{key}: {first}"


@contextmanager
def _only_allowed_resolvers() -> Iterator[None]:
    """Take away every resolver that would make parameters depend on more than the templates.

    They are the whole process's, so this is for one thread; afterwards all are as they were.
    """
    kept = BaseContainer._resolvers  # noqa: SLF001 - OmegaConf offers no list of them
    BaseContainer._resolvers = {name: kept[name] for name in ALLOWED_RESOLVERS if name in kept}  # noqa: SLF001
    try:
        yield
    finally:
        BaseContainer._resolvers = kept  # noqa: SLF001
