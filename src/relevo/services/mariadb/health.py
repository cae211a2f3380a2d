"""What the agent asks the database: a login, and whether this node is in the majority's cluster and takes queries."""

from __future__ import annotations

from relevo.agent.probe import AgentConfig, Deadline, MajorityLost, Probe, ProbeFailed
from relevo.services.mariadb.wire_protocol import Session

_NAMES = ("wsrep_ready", "wsrep_cluster_status", "wsrep_local_state_comment")
_QUESTION = f"SHOW GLOBAL STATUS WHERE Variable_name IN {_NAMES}"


def probes(config: AgentConfig) -> tuple[Probe, ...]:
    """Return the probes."""

    def check(deadline: Deadline) -> str:
        path, user, password = config["mysql_socket"], config["database_user"], config["database_password"]
        with Session(path, user, password, deadline) as session:
            have = session.pairs(_QUESTION)
            session.quit()
        return judge(have)

    return (Probe("database", "mariadb", check, unit="mariadb.service", slow_start=True, stands_on=()),)


def judge(status: dict[str, str]) -> str:
    """Return a short word on a usable node; raise ProbeFailed when it serves no queries or is in no majority."""
    cluster, ready = status.get("wsrep_cluster_status", "missing"), status.get("wsrep_ready", "missing")
    if cluster != "Primary":
        raise MajorityLost(f"the cluster is {cluster}")
    if ready != "ON":
        raise ProbeFailed(f"wsrep_ready is {ready}, the cluster is {cluster}")
    return status.get("wsrep_local_state_comment", "Primary")
