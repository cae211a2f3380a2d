"""The administration on real nodes: through nginx with its headers, and what its account of the database may do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from relevo.cluster.wires import AGENT_SOCKET, QUEUE_SOCKET, RELEVO_PYTHON, VIEW_SOCKET, WEB_USER
from relevo.lab.local import LocalLab
from relevo.lab.workspace import default_folder

pytestmark = pytest.mark.integration

MAIL = ("mail01", "mail02")
_FETCH = """
import http.client, json, re, ssl
host = json.load(open("/etc/relevo/web.json"))["hostname"]
trusting = ssl._create_unverified_context()
def fetch(path):
    line = http.client.HTTPSConnection("127.0.0.1", 443, timeout=10, context=trusting)
    line.request("GET", path, headers={"Host": host, "Accept-Language": "en"})
    answer = line.getresponse()
    return answer.status, [(name.lower(), value) for name, value in answer.getheaders()], answer.read().decode()
status, headers, page = fetch("/admin/login/")
static = fetch(re.search('src="(/admin/static/relevo/page[^"]*)"', page)[1])
print(json.dumps({"page": [status, headers], "static": static[:2], "health": fetch("/health")[0]}))
"""
_ASK = """
import json, pymysql, sys
told = json.load(open("/etc/relevo/web.json"))
line = pymysql.connect(
    unix_socket="/run/mysqld/mysqld.sock", user=told["database_user"], password=told["database_password"],
    database="relevo",
)
def outcome(statement):
    try:
        with line.cursor() as cursor:
            cursor.execute(statement)
        return 0
    except pymysql.Error as error:
        return error.args[0]
print(json.dumps([outcome(statement) for statement in json.load(sys.stdin)]))
"""
_LOOK = f"""
import json, socket
from relevo.queue.ask import ask
def look(path):
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        line.connect(path)
        return b"".join(iter(lambda: line.recv(65536), b""))
told = json.loads(look("{VIEW_SOCKET}"))
try:
    agent = look("{AGENT_SOCKET}").decode()
except OSError as error:
    agent = type(error).__name__
flows = ask({{"do": "flow"}}, "{QUEUE_SOCKET}")["flows"]
print(json.dumps({{"node": told["view"]["own"]["node"], "error": told["error"], "agent": agent, "flows": flows}}))
"""
_DENIED = 1142
ALLOWED = (
    "SELECT COUNT(*) FROM directory_mailbox",
    "UPDATE directory_mailbox SET name = name WHERE id = 0",
    "DELETE FROM directory_failedlogin WHERE id = 0",
    "UPDATE directory_authenticatorapp SET last_step = last_step WHERE id = 0",
    "DELETE FROM directory_recoverycode WHERE id = 0",
    "UPDATE directory_guard SET turn = turn + 1 WHERE name = ''",
    "DELETE FROM directory_waitingimport WHERE id = 0",
    "UPDATE directory_securitykey SET sign_count = sign_count WHERE id = 0",
    "UPDATE directory_apitoken SET last_used_at = NULL WHERE id = 0",
    "DELETE FROM directory_keptanswer WHERE id = 0",
    "SELECT COUNT(*) FROM directory_auditentry",
    "SELECT COUNT(*) FROM django_content_type",
)
REFUSED = (
    "UPDATE directory_auditentry SET actor = 'nobody' WHERE id = 0",
    "DELETE FROM directory_auditentry WHERE id = 0",
    "CREATE TABLE stray (id INT)",
    "UPDATE django_content_type SET model = model WHERE id = 0",
)


@pytest.fixture(scope="module")
def lab() -> LocalLab:
    return LocalLab(Path(default_folder()))


@pytest.mark.parametrize("node", MAIL)
def test_pages_come_through_nginx_with_one_policy_each(lab: LocalLab, node: str):
    done = lab.run(node, [RELEVO_PYTHON, "-c", _FETCH], within=60)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    status, headers = seen["page"]
    assert status == 200
    for name in ("content-security-policy", "strict-transport-security", "x-frame-options", "x-content-type-options"):
        assert len([value for header, value in headers if header == name]) == 1, name
    assert "unsafe" not in dict(headers)["content-security-policy"]
    assert seen["static"][0] == 200
    assert "strict-transport-security" in dict(seen["static"][1])
    assert seen["health"] == 404  # the agent's, by the socket alone


@pytest.mark.parametrize("node", MAIL)
def test_of_the_agent_it_sees_the_view_and_reaches_nothing_else(lab: LocalLab, node: str):
    done = lab.run(node, ["runuser", "-u", WEB_USER, "--", RELEVO_PYTHON, "-c", _LOOK], within=60)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert (seen["node"], seen["error"], seen["agent"]) == (node, "", "PermissionError")
    assert {flow["at"] for flow in seen["flows"]} == set(MAIL)
    assert not any(flow["error"] for flow in seen["flows"])


@pytest.mark.parametrize("node", MAIL)
def test_its_account_changes_rows_and_only_adds_to_the_audit_log(lab: LocalLab, node: str):
    done = lab.run(node, [RELEVO_PYTHON, "-c", _ASK], within=60, stdin=json.dumps([*ALLOWED, *REFUSED]))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [0] * len(ALLOWED) + [_DENIED] * len(REFUSED)
