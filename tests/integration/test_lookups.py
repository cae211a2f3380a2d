"""Every lookup of Postfix and Dovecot finds its rows by an index, as MariaDB itself says of the true queries.

The tables of a test are small, so what counts is not which way the optimizer takes but that there is an index for it: a
table without `possible_keys` would be read as a whole however large it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from relevo.cluster.wires import RELEVO_COMMAND
from relevo.lab.local import LocalLab
from relevo.lab.workspace import default_folder

pytestmark = pytest.mark.integration

NODE = "mail01"
DOMAIN, MIRROR = "lookups.example", "mirror.example"
POLICIES = ("anyone", "domain", "members", "named")
_BOXES = ("ana", "luis")
HELD = "held"  # a list that holds posts
# What is asked for: one of each kind, in the domain and in the one that mirrors it; a catch-all; nobody.
ASKED = (
    *(f"{name}@{domain}" for domain in (DOMAIN, MIRROR) for name in (*_BOXES, "info", *POLICIES, HELD, "nobody")),
    f"{HELD}+relevo-members@{DOMAIN}", f"@{DOMAIN}", DOMAIN,
)
_EXPLAIN = r"""
import json, re, subprocess, sys
from pathlib import Path
found = {}
for path in sorted(Path("/etc/postfix/sql").glob("*.cf")):
    found[path.name] = re.search(r"^query = (.*(?:\n[ \t].*)*)", path.read_text(), re.M)[1]
dovecot = Path("/etc/dovecot/dovecot.conf").read_text()
for number, each in enumerate(re.finditer(r"^ *(?:passdb_sql_query|query) = ((?:.*\\\n)*.*)", dovecot, re.M)):
    found[f"dovecot {number}"] = each[1].replace("\\\n", " ")
for path in Path("/etc/dovecot").glob("relevo-sql*.conf"):  # 2.3
    text = path.read_text()
    for number, each in enumerate(re.finditer(r"^(?:password|user)_query = ((?:.*\\\n)*.*)", text, re.M)):
        found[f"{path.name} {number}"] = each[1].replace("\\\n", " ")
rows = []
for asked in json.load(sys.stdin):
    for name, query in found.items():
        query = re.sub(r"%\{[^}]*\}|%[su]", asked, query).replace("%d", asked.rpartition("@")[2])
        done = subprocess.run(
            ["mariadb", "relevo", "--batch", "--skip-column-names", "--execute", "EXPLAIN " + query],
            capture_output=True, text=True, check=True,
        )
        rows += [[name, asked, *line.split("\t")] for line in done.stdout.splitlines()]
print(json.dumps(rows))
"""


@pytest.fixture(scope="module")
def lab() -> LocalLab:
    return LocalLab(Path(default_folder()))


@pytest.fixture(scope="module")
def accounts(lab: LocalLab) -> Iterator[None]:
    """Make one of each kind."""
    steps = [["domain", "add", DOMAIN], ["domain", "add", MIRROR, "--alias-of", DOMAIN]]
    steps += [["mailbox", "add", f"{name}@{DOMAIN}", "--password-stdin"] for name in _BOXES]
    steps += [["mailbox", "set", f"luis@{DOMAIN}", "--forward", "luis@elsewhere.example", "--keep-copy"]]
    steps += [["alias", "add", f"info@{DOMAIN}", f"ana@{DOMAIN}"]]
    for policy in POLICIES:
        named = ["--sender", f"ana@{DOMAIN}"] if policy == "named" else []
        steps.append(["list", "add", f"{policy}@{DOMAIN}", "--member", f"ana@{DOMAIN}", "--posting", policy, *named])
    steps.append([
        "list", "add", f"{HELD}@{DOMAIN}", "--member", f"luis@{DOMAIN}", "--hold", "others", "--owner", f"ana@{DOMAIN}",
    ])
    try:
        for step in steps:
            _relevo(lab, step)
        yield
    finally:
        gone = [["list", "remove", f"{policy}@{DOMAIN}"] for policy in (*POLICIES, HELD)]
        gone += [["alias", "remove", f"info@{DOMAIN}"], ["domain", "remove", MIRROR]]
        for name in _BOXES:
            gone += [["mailbox", "remove", f"{name}@{DOMAIN}"], ["mailbox", "purge", "--yes", f"{name}@{DOMAIN}"]]
        for step in [*gone, ["domain", "remove", DOMAIN]]:
            _relevo(lab, step, must=False)


def _relevo(lab: LocalLab, step: list[str], *, must: bool = True) -> None:
    done = lab.run(NODE, [RELEVO_COMMAND, *step], within=60, stdin="una-clave-larga-y-rara-42\n")
    assert done.returncode == 0 or not must, f"{step}: {done.stderr}"


@pytest.mark.usefixtures("accounts")
def test_no_lookup_reads_a_whole_table(lab: LocalLab):
    done = lab.run(NODE, ["/usr/bin/python3", "-c", _EXPLAIN], within=120, stdin=json.dumps(ASKED))
    assert done.returncode == 0, done.stderr
    # query, asked, then id, select_type, table, type, possible_keys, key, key_len, ref, rows, Extra
    rows = [row for row in json.loads(done.stdout) if row[4] != "NULL" and not row[4].startswith("<")]
    without = [row for row in rows if row[6] == "NULL"]
    assert not without
    seen = {row[0] for row in rows}
    assert len(seen) >= 9, f"the queries of only {sorted(seen)} met a table"
    tables = {(row[0], row[4]) for row in rows}
    assert ("list_poster.cf", "p") in tables, "who may post is looked up in what the list names"


_COLUMNS = (
    "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.views v "
    "USING (table_schema, table_name) WHERE c.table_schema = 'relevo' AND c.collation_name IS NOT NULL"
)


def test_the_words_of_views_compare_with_those_of_clients_of_any_release(lab: LocalLab):
    def asked(*queries: str) -> list[list[str]]:
        done = lab.run(NODE, ["mariadb", "-NB", "relevo"], within=60, stdin=";\n".join(queries))
        assert done.returncode == 0, done.stderr
        return [line.split("\t") for line in done.stdout.splitlines()]

    columns = asked(_COLUMNS)
    assert ["lookup_app_password", "protocol"] in columns
    count = "SELECT COUNT(*) FROM {} WHERE {} = 'x' OR {} <> 'y'"
    counts = [count.format(view, column, column) for view, column in columns]
    for collation in ("utf8mb4_general_ci", "utf8mb4_uca1400_ai_ci"):  # the default of MariaDB 10.11, and of 11.8
        assert len(asked(f"SET NAMES utf8mb4 COLLATE {collation}", *counts)) == len(columns)
