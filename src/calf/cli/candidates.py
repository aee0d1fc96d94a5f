"""What may stand next on a command line: for shells (`pachctl completion`) and for `pachctl shell`.

A word of the grammar comes from the table of commands, the name of a thing from the server: which kind of
thing a parameter names follows from how it is written in the help (`REPO@COMMIT`), or from its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click
from click.shell_completion import CompletionItem, ShellComplete

from calf.cli.session import Session
from calf.model.errors import CalfError

ASKED_BY_SHELL = "PACHCTL_COMPLETING"
"""The environment variable by which a shell's script asks for candidates instead of running a command."""

_SECONDS = 1.0

# What a metavar holds, and the kind of thing that it stands for; the first one counts.
_WRITTEN = (
    ("PATH", "file"),
    ("PATTERN", "file"),
    ("REPO@COMMIT", "commit"),
    ("ID | REPO", "commit"),
    ("REPO@BRANCH", "branch"),
    ("REPO[@BRANCH]", "branch"),
    ("PIPELINE@", "job"),
)
_NAMED: Mapping[str, str] = {
    "project": "project",
    "src_project": "project",
    "dest_project": "project",
    "old_project": "project",
    "repo": "repo",
    "branch": "branch",
    "commit": "commit",
    "commit_set": "commit set",
    "pipeline": "pipeline",
    "job": "job",
    "job_set": "commit set",
}
# For a parameter that is just called a name: by the noun of its command.
_NAME_OF: Mapping[str, str] = {
    "project": "project",
    "repo": "repo",
    "secret": "secret",
    "context": "context",
    "active-context": "context",
    "active-enterprise-context": "context",
}


class Thing(click.types.StringParamType):
    """Text that names a thing on the server."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def shell_complete(
        self, ctx: click.Context, _param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The things of this kind whose names begin so; nothing when the server does not say."""
        from calf.cli.suggestions import suggest

        session = Session()
        session.timeout = _SECONDS
        try:
            project = session.project(ctx.params.get("project"))
            found = suggest(session, self.kind, project, incomplete)
            return [CompletionItem(each) for each in found if each.startswith(incomplete)]
        except (CalfError, click.ClickException, OSError):
            return []
        finally:
            session.close()


def name_things(command: click.Command) -> None:
    """Let the parameters of a command know what they name, and of the commands below it."""
    for parameter in command.params:
        kind = _kind(command.name or "", parameter)
        if kind and parameter.type is click.STRING:
            parameter.type = Thing(kind)
    for below in getattr(command, "commands", {}).values():
        name_things(below)


def _kind(noun: str, parameter: click.Parameter) -> str:
    metavar = parameter.metavar or ""
    for part, kind in _WRITTEN:
        if part in metavar:
            return kind
    name = parameter.name or ""
    return _NAME_OF.get(noun, "") if name == "name" else _NAMED.get(name, "")


def complete(root: click.Command, words: Sequence[str], incomplete: str) -> list[CompletionItem]:
    """The candidates for `incomplete`, after `words`."""
    return ShellComplete(root, {}, "pachctl", "").get_completions(list(words), incomplete)
