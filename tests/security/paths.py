"""Over 400 paths of people who mean no good."""

from __future__ import annotations

_PARTS = (
    *("..", ".", "...", "....", ". .", ".. ", " ..", "..;", "..\\", "..%2f", "%2e%2e", "%2e", "..\u2215"),
    *("\u2024\u2024", "..\u200b", "\uff0e\uff0e", "~", "~root", "-rf", "--help", "$HOME", "$(id)", "`id`"),
    *("CON", "NUL", "aux.txt", "COM1", "C:", "C:\\x", "\\\\host\\share", "a:b", "a@b", "a=b", "a;b", "a|b"),
    *(
        "#",
        "?",
        "%00",
        "%s",
        "a ",
        " a",
        "a.",
        "\t",
        "\n",
        "\r",
        "\x1b[31m",
        "\x7f",
        "\u202egnp",
        "caf\u00e9",
    ),
    *("cafe\u0301", "\u212b", "\ufeff", "\u00ad", "\U0001f404", "a\u0000b", "x" * 255, "x" * 256, "'", '"'),
    *("<script>", "&lt;", "{a,b}", "[a]", "a*", "!a", "a+", "(a)", "^a", "self", "proc", ".git", ".env"),
)
_SHAPES = ("{}", "{}/a", "a/{}/b", "/{}", "//{}//a")
_WHOLE = (
    *("/etc/passwd", "//proc/self/root/etc/passwd", "../" * 40 + "etc/passwd", "a/../../../b", "a/./b"),
    *("./a", "a/.", "a/..", "a//b", "a/", "a///", "file:///etc/passwd", "http://a/b", "a/b?c#d", "a\\..\\b"),
    *("/".join(["x" * 100] * 40), "/".join("a" * 197), "/".join("a" * 210), "a/" * 150 + "..", "\udcff"),
)

HOSTILE = (
    *(shape.format(part) for part in _PARTS for shape in _SHAPES),
    *(f"x{chr(code)}y" for code in range(128)),
    *_WHOLE,
)
SOME = frozenset((*HOSTILE[::5], *_WHOLE))
"""For doors that take their time."""
