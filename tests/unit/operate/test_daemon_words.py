"""What daemons say is told in the reader's language, whichever of their texts it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from relevo.i18n import speaking
from relevo.operate.daemon_words import told

SOURCE = Path(__file__).parents[3] / "src/relevo"
RAISED = frozenset({
    "ProbeFailed", "NoAnswer", "StandsStill", "ConnectionEnded", "MajorityLost", "Measured", "NoRoom", "NotSigned",
})
VERDICTS = frozenset({"Verdict", "Orders"})
NOTED = frozenset({"_note", "note", "Fault"})
# What a server itself answers comes as it is, and no more than this.
AS_IT_IS = frozenset({"pong", "EHLO: 7", "7: 7", "451 7"})


def texts() -> Iterator[tuple[str, str]]:
    """Yield where a daemon or a probe says something, and what, with a 7 for each value."""
    besides = ("glusterfs/clients", "glusterfs/pending", "postfix/queue_probe")
    files = (SOURCE.glob(pattern) for pattern in ("services/*/health.py", "agent/*.py", "profile/*.py"))
    for path in sorted({*chain.from_iterable(files), *(SOURCE / f"services/{name}.py" for name in besides)}):
        where = str(path.relative_to(SOURCE))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for said in _said(node, returns=path.name in {"health.py", "planned.py"}):
                yield f"{where}:{said.lineno}", _filled(said)


def _said(node: ast.AST, *, returns: bool) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call) and node.args:
        name = ast.unparse(node.func).rpartition(".")[2]
        given = [*node.args, *(word.value for word in node.keywords if word.arg in {"why", "yields"})]
        if name in RAISED | VERDICTS | NOTED:
            yield from (text for argument in given for text in _texts(argument))
    elif isinstance(node, ast.Return) and node.value and returns:
        yield from _texts(node.value)


def _texts(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.IfExp):
        yield from (text for part in (node.body, node.orelse) for text in _texts(part))
    elif isinstance(node, ast.BoolOp):
        yield from (text for part in node.values for text in _texts(part))
    elif isinstance(node, ast.Tuple):
        yield from (text for part in node.elts for text in _texts(part))
    elif isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        yield node


def _filled(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr)
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)


SAID = sorted({(text, where) for where, text in texts() if " " in text or text.isalpha()})


def test_it_is_known_what_they_say():
    assert len(SAID) > 60


@pytest.mark.parametrize(("text", "where"), SAID, ids=[where for _text, where in SAID])
def test_each_is_told_in_spanish(text: str, where: str):
    with speaking("es"):
        assert (told(text) == text) is (text in AS_IT_IS), f"{where} says what relevo.operate.daemon_words must know"
    with speaking("en"):
        assert told(text) == text


@pytest.mark.parametrize(("said", "spanish"), [
    ("dovecot/imap: no answer in time", "dovecot/imap: no hubo respuesta a tiempo"),
    ("dovecot/imap: no answer in time; /srv/mail is full: 3 MiB free",
     "dovecot/imap: no hubo respuesta a tiempo; /srv/mail está lleno: 3 MiB libres"),
    ("starts it as usual: the last agent held it; if that is in vain, `relevo recover database`",
     "la inicia como de costumbre: la tenía el agente anterior; si es en vano, `relevo recover database`"),
    ("the mount has no connection to the copy on fd00::11, which answers",
     "el montaje no tiene conexión con la copia en fd00::11, que responde"),
    ("switchover, since glusterfs/mount can only be mended then",
     "switchover, porque solo así se puede reparar glusterfs/mount"),
    ("/srv/relevo/brick 72.8 GiB free, / 3.0 GiB free", "/srv/relevo/brick 72.8 GiB libres, / 3.0 GiB libres"),
    ("3 of mail01, 0 of mail02", "3 de mail01, 0 de mail02"),
    ("amavis/amavis: Connection refused", "amavis/amavis: conexión rechazada"),
    ("NO [UNAVAILABLE] {0} braces; and more", "NO [UNAVAILABLE] {0} braces; and more"),
    ("", ""),
])
def test_sayings_that_are_joined_and_what_nobody_knows(said: str, spanish: str):
    with speaking("es"):
        assert told(said) == spanish
