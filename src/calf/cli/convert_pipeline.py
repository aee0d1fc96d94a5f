"""pachctl convert pipeline."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import click

from calf.cli.session import Session, project_option
from calf.cli.spec_files import check
from calf.cli.spec_text import MALFORMED, SpecSource


@click.command("pipeline")
@click.option(
    "-f", "--file", "file", default="-", metavar="FILE", help="A path or an address; default: standard input."
)
@click.option("-o", "--output", "form", type=click.Choice(["json", "yaml"]), help="Default: as it came.")
@project_option
@click.pass_obj
def command(session: Session, file: str, form: str | None, project: str | None) -> None:
    """Convert specs of Pachyderm 1.x to 2.x: the specs on standard output, what changed on standard error.

    Exits with 8 when something is left that only you can decide.

    \b
    pachctl convert pipeline -f old.json > new.json
    """
    from calf.kit.strict_yaml import load_all
    from calf.model.errors import InvalidSpec
    from calf.model.spec.converting import convert_v1

    name, text = SpecSource(file).read_here()
    form = form or ("json" if text.lstrip()[:1] in ("{", "[") else "yaml")
    documents = [each for document in load_all(text, name) for each in document.elements()]
    converted, changed = [], []
    for document in documents:
        if not isinstance(document.value, dict):
            raise InvalidSpec(f"{MALFORMED}: {document.where()}: must be an object", "a spec is an object")
        spec, notes = convert_v1(document.value)
        for note in notes:
            click.echo(f"{document.where(note.partition(':')[0])}: {note}", err=True)
        converted.append(_render(spec, form))
        changed.append(replace(document, value=spec))
    if not changed:
        raise InvalidSpec(f"{MALFORMED}: {name} holds no spec", 'a spec begins with "pipeline:"')
    click.echo("---\n".join(converted), nl=False)
    for document in changed:  # with places in the user's file, where what is wrong came from
        list(check(document, session.project(project)))


def _render(spec: dict[str, Any], form: str) -> str:
    if form == "json":
        return json.dumps(spec, indent=2, ensure_ascii=False) + "\n"
    import yaml

    return str(yaml.safe_dump(spec, sort_keys=False, allow_unicode=True))
