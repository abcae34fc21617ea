"""Reads C++ as text: what is code, and where its functions begin and end. Knows our format, not the language."""

import bisect
import re
from collections.abc import Iterator

_NOT_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
    re.S,
)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*("[^"\n]+"|<[^>\n]+>)', re.M)


_ACCESS = re.compile(r"(\s*(public|private|protected)\s*:(?!:))*")
_NAME = re.compile(r"(operator\s*(?:\(\)|[^\s\w(]+)|[~\w:]+)\s*\(")


def _blank(match: re.Match) -> str:
    text = match.group(0)
    if text.startswith("/"):
        return "\n" * text.count("\n") or " "
    return '""' + "\n" * text.count("\n")


def code_of(text: str) -> str:
    """The text without comments and without the contents of literals; lines keep their numbers."""
    return _NOT_CODE.sub(_blank, text)


def includes_of(text: str) -> list[tuple[int, str]]:
    """(line, "file" or <file>) of every include."""
    lines = _Lines(text)
    return [(lines.of(m.start(1)), m.group(1)) for m in _INCLUDE.finditer(text)]


class _Lines:
    """Line numbers of offsets."""

    def __init__(self, text: str):
        self._ends = [m.start() for m in re.finditer("\n", text)]

    def of(self, offset: int) -> int:
        return bisect.bisect_left(self._ends, offset) + 1


def _without_parentheses(head: str) -> str:
    """Every outermost (...) becomes ()."""
    out, depth = [], 0
    for char in head:
        if char == "(":
            depth += 1
            if depth == 1:
                out.append("()")
        elif char == ")":
            depth -= 1
        elif depth == 0:
            out.append(char)
    return "".join(out)


def _without_template(head: str) -> str:
    """template <...> in front is cut off: its defaults would look like an initializer."""
    match = re.match(r"\s*template\s*<", head)
    if not match:
        return head
    depth, at = 1, match.end()
    while depth and at < len(head):
        depth += {"<": 1, ">": -1}.get(head[at], 0)
        at += 1
    return _without_template(head[at:])


def _kind(head: str) -> str:
    """What a brace opens, judged by the text since the last statement: scope, function, member or value."""
    head = _without_template(head)
    head = re.sub(r"\[\[[^\]]*\]\]", "", head)
    if re.search(r'^\s*(inline\s+)?namespace\b|^\s*extern\s+""\s*$', head):
        return "scope"
    flat = _without_parentheses(re.sub(r"\boperator\s*(\(\)|[^\s\w(]+)", "operator_", head)).strip()
    if "=" in flat:
        return "function" if re.search(r"=\s*\[[^\]]*\]\s*(\(\))?\s*(mutable|noexcept|->.*)?\s*$", flat) else "value"
    if re.search(r"\b(class|struct|union|enum)\b", flat) and "()" not in re.sub(r"\balignas\s*\(\)", "", flat):
        return "scope"
    if "()" not in flat:
        return "value"
    # Foo() : a_{1}, b_(2) {   the braces after a name still belong to the list
    if re.search(r"\)\s*(noexcept\s*)?:(?!:)", flat) and re.search(r"[\w>]$", flat):
        return "member"
    return "function"


def functions_of(text: str) -> Iterator[tuple[int, int, str]]:
    """(first line, number of lines, name) of every function with a body, wherever it stands."""
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: "\n" * m.group(0).count("\n"), code_of(text), flags=re.M)
    lines = _Lines(code)
    scopes: list[tuple[str, int, str]] = []  # (kind, offset of the head, head)
    head_start, parentheses = 0, 0
    for match in re.finditer(r"[{}();]", code):
        char, at = match.group(0), match.start()
        inside = scopes[-1][0] if scopes else "scope"
        if char in "()" and inside == "scope":
            parentheses += 1 if char == "(" else -1
        elif char == ";" and inside == "scope" and parentheses == 0:
            head_start = at + 1
        elif char == "{":
            if inside != "scope":
                scopes.append(("body", at, ""))
                continue
            if parentheses:  # a default argument: f(Config config = {})
                scopes.append(("member", at, ""))
                continue
            head_start += _ACCESS.match(code, head_start, at).end() - head_start
            head = code[head_start:at]
            kind = _kind(head)
            scopes.append((kind, head_start, head))
            if kind == "scope":
                head_start = at + 1
        elif char == "}" and scopes:
            kind, start, head = scopes.pop()
            if kind == "function":
                first = start + len(head) - len(head.lstrip())
                name = _NAME.search(_without_template(head)) or re.search(r"(\w+)\s*=", head)
                begin = lines.of(first)
                yield begin, lines.of(at) - begin + 1, name.group(1) if name else "?"
            if kind in ("scope", "function"):
                head_start = at + 1
