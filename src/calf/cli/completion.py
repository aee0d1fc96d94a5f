"""pachctl completion: the scripts by which a shell asks this program how a line may go on."""

from __future__ import annotations

import click

# bash cuts words at the characters of COMP_WORDBREAKS; the line is cut at blanks here, and what stands
# before the last of those characters is taken off the answers again.
_BASH = r"""_pachctl() {
    local line=${COMP_LINE:0:COMP_POINT} words current breaks= sign
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    current=${words[${#words[@]}-1]}
    local IFS=$'\n'
    COMPREPLY=($(PACHCTL_COMPLETING=1 "${words[@]}" 2>/dev/null))
    for sign in @ : =; do [[ $COMP_WORDBREAKS == *$sign* ]] && breaks+=$sign; done
    [[ $breaks ]] && COMPREPLY=("${COMPREPLY[@]#"${current%"${current##*[$breaks]}"}"}")
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[@:/] ]] && compopt -o nospace
    return 0
}
complete -o default -F _pachctl pachctl
"""
_ZSH = r"""#compdef pachctl
_pachctl() {
    local -a found open
    found=("${(@f)$(PACHCTL_COMPLETING=1 "${(@)words[1,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
    found=(${found:#})
    (( $#found )) || { _files; return }
    open=(${(M)found:#*[@:/]})
    (( $#open )) && compadd -S '' -a open
    found=(${found:#*[@:/]})
    (( $#found )) && compadd -a found
    return 0
}
compdef _pachctl pachctl
"""
_SCRIPTS = {"bash": _BASH, "zsh": _ZSH}


@click.command("completion")
@click.argument("shell", type=click.Choice(list(_SCRIPTS)))
def command(shell: str) -> None:
    """Print the script that makes a shell complete commands, and the repos, branches, commits, files,
    pipelines and jobs of the server.

    \b
    echo 'source <(pachctl completion bash)' >> ~/.bashrc
    echo 'source <(pachctl completion zsh)' >> ~/.zshrc
    """
    click.echo(_SCRIPTS[shell], nl=False)
