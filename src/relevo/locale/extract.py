"""Which texts of the source people read: Babel's extraction methods for `make translations`.

Unlike Babel's own `messages` finds messages inside f-strings under every version of Python, and takes the help of the
commands, which is their docstring.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from io import BufferedIOBase
from pathlib import Path
from typing import TypeGuard

from relevo.cli.main import COMMANDS

_IN_A_TEMPLATE = re.compile(r"""{%\s*translate\s+(["'])(.+?)\1""")

Message = tuple[int, str, tuple[str, ...], list[str]]  # line, function, texts, comments


def messages(
    source: BufferedIOBase, keywords: Iterable[str], comment_tags: Iterable[str], options: Mapping[str, str]
) -> Iterator[Message]:
    """Find the messages of one file: the literals that functions named in `keywords` get, and the help of commands.

    The parameters are Babel's (https://babel.pocoo.org/en/latest/messages.html#writing-extraction-methods).
    """
    del comment_tags, options
    tree = ast.parse(source.read())
    for call in calls(tree, keywords):
        texts = tuple(str(part.value) for part in call.args if is_text(part))
        if texts:
            yield call.lineno, called(call), texts, []
    path = Path(str(getattr(source, "name", "")))
    if path.parent.name == "cli":
        yield from _helps(tree, path.stem)


def templates(
    source: BufferedIOBase, keywords: Iterable[str], comment_tags: Iterable[str], options: Mapping[str, str]
) -> Iterator[Message]:
    """Find the messages of one of Django's templates: `{% translate "..." %}`; sentences with values come from code."""
    del keywords, comment_tags, options
    for number, line in enumerate(source.read().decode().splitlines(), 1):
        for found in _IN_A_TEMPLATE.finditer(line):
            yield number, "_", (found[2],), []


def calls(tree: ast.AST, names: Iterable[str]) -> Iterator[ast.Call]:
    """Find the calls of functions with these names, those inside f-strings too."""
    wanted = frozenset(names)
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and called(node) in wanted)


def called(call: ast.Call) -> str:
    """Return the plain name of the function that is called, or nothing."""
    return call.func.id if isinstance(call.func, ast.Name) else ""


def is_text(part: ast.expr) -> TypeGuard[ast.Constant]:
    """Tell whether an argument is a string literal."""
    return isinstance(part, ast.Constant) and isinstance(part.value, str)


def _helps(tree: ast.Module, module: str) -> Iterator[Message]:
    """Find the docstrings that are help: of functions under `@app.command()`, or named in COMMANDS."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and (_is_command(node) or COMMANDS.get(node.name) == module):
            text = ast.get_docstring(node)
            if text:
                yield node.lineno, "_", (text,), []


def _is_command(function: ast.FunctionDef) -> bool:
    decorators = [ast.unparse(decorator) for decorator in function.decorator_list]
    return any(text.startswith("app.command(") and "help=" not in text for text in decorators)
