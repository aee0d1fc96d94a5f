from __future__ import annotations

from typing import Any

import click
import pytest

from calf.cli.commands import ALIASES, SINGLES, VERBS
from calf.cli.groups import load_command, singular
from calf.cli.root import root

COMMANDS = [(verb, noun, module) for verb, (_, nouns) in VERBS.items() for noun, module in nouns.items()]


@pytest.mark.parametrize(("verb", "noun", "module"), COMMANDS, ids=lambda value: value)
def test_every_command_explains_itself_under_its_name(
    offline: Any, verb: str, noun: str, module: str
) -> None:
    command = load_command(module)
    assert command.name == noun
    assert command.help
    ended = offline(verb, noun, "--help")
    assert ended.code == 0
    assert f"Usage: pachctl {verb} {noun}" in ended.out
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            assert parameter.help, f"{verb} {noun}: {parameter.name} is not explained"


@pytest.mark.parametrize("name", SINGLES)
def test_commands_without_noun_explain_themselves(offline: Any, name: str) -> None:
    assert load_command(SINGLES[name][1]).help
    assert offline(name, "--help").code == 0


@pytest.mark.parametrize("words", [(), ("list",)], ids=["nothing", "a verb alone"])
def test_without_a_command_the_help_is_shown(offline: Any, words: tuple[str, ...]) -> None:
    ended = offline(*words)
    assert ended.code == 2
    assert ended.err.startswith("Usage: pachctl")


def test_the_help_lists_every_verb_and_the_exit_codes(offline: Any) -> None:
    out = offline("--help").out
    for name in (*VERBS, *SINGLES):
        assert f"  {name} " in out
    assert "20 job failed" in out.replace("\n  ", " ")


@pytest.mark.parametrize(("verb", "noun", "module"), COMMANDS, ids=lambda value: value)
def test_plurals_mean_the_same(verb: str, noun: str, module: str) -> None:
    group = root.get_command(click.Context(root), verb)
    assert isinstance(group, click.Group)
    plural = f"{noun}es" if noun.endswith("ch") else f"{noun}s"
    assert singular(plural) == noun
    assert group.get_command(click.Context(group), plural) is load_command(module)


@pytest.mark.parametrize(("alias", "verb"), ALIASES.items())
def test_aliases_are_the_verbs(offline: Any, alias: str, verb: str) -> None:
    original = offline(verb, "repo", "--help").out
    assert offline(alias, "repo", "--help").out == original.replace(f"pachctl {verb}", f"pachctl {alias}", 1)


@pytest.mark.parametrize(
    ("args", "meant"),
    [
        (["lst"], "list"),
        (["list", "pipelne"], "pipeline"),
        (["list", "comits"], "commit"),
        (["creat"], "create"),
    ],
)
def test_misspelt_words_get_a_suggestion(offline: Any, args: list[str], meant: str) -> None:
    ended = offline(*args)
    assert ended.code == 2
    assert f"did you mean `{meant}`?" in ended.err


@pytest.mark.parametrize(
    "args",
    [
        ["list", "xyzzy"],
        ["create", "repo"],
        ["list", "repo", "--nope"],
        ["put", "file", "images"],
        ["logs", "--since", "soon"],
    ],
)
def test_wrong_usage_exits_with_two_and_says_where_help_is(offline: Any, args: list[str]) -> None:
    ended = offline(*args)
    assert ended.code == 2
    assert ended.err.startswith("error: ")
    assert "--help` explains it" in ended.err


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (["flush", "commit", "images@master"], "it is `pachctl wait commit ID`"),
        (["create-repo", "images"], "write `pachctl create repo`"),
        (["list-pipelines"], "write `pachctl list pipelines`"),
        (["garbage-collect"], "`calf gc` gives back"),
        (["extract"], "`calf backup FOLDER`"),
        (["restore"], "`calf restore BACKUP --home NEW`"),
    ],
)
def test_words_of_older_versions_say_what_became_of_them(offline: Any, args: list[str], text: str) -> None:
    ended = offline(*args)
    assert ended.code == 2
    assert text in ended.err


@pytest.mark.parametrize("words", ["squash commitset", "list CommitSets", "squash commitv2"])
def test_nouns_have_other_spellings(offline: Any, words: str) -> None:
    assert offline(*words.split(), "--help").code == 0


def test_help_is_a_word_too(offline: Any) -> None:
    assert offline("help").out == offline("--help").out
    assert offline("help", "list", "repos").out.startswith("Usage: pachctl list repos")
