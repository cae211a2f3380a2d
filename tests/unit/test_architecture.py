"""The rules that keep the house in order: who may import whom."""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

import relevo
from relevo.services import SERVICES

ROOT = Path(str(relevo.__file__)).parent
MODULES = sorted(p.relative_to(ROOT) for p in ROOT.rglob("*.py"))
STANDARD_LIBRARY_ONLY = ("agent.probe",)


@cache
def imports(module: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def packages(module: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(module)}


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_service_imports_no_other_service(module: Path):
    if module.parts[0] != "services" or len(module.parts) < 3:
        return
    own = f"relevo.services.{module.parts[1]}"
    others = {f"relevo.services.{service.name}" for service in SERVICES} - {own}
    assert not {name for name in imports(module) if any(name == o or name.startswith(f"{o}.") for o in others)}


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_pyinfra_is_known_to_deploy_only(module: Path):
    uses = any(name.split(".")[0] == "pyinfra" for name in imports(module))
    assert not uses or module.parts[0] == "deploy" or (module.parts[0] == "services" and module.name == "deploy.py")


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_django_is_known_to_directory_and_web_only(module: Path):
    uses = any(name.split(".")[0] == "django" for name in imports(module))
    assert not uses or module.parts[0] in {"directory", "web"}


@pytest.mark.parametrize("module", [m for m in MODULES if m.parts[0] == "services" and m.name == "health.py"], ids=str)
def test_health_uses_the_standard_library_and_the_probe_alone(module: Path):
    own = f"relevo.services.{module.parts[1]}"
    ours = {name for name in imports(module) if name.split(".")[0] == "relevo"}
    known = ("relevo.agent.probe", "relevo.agent.pace", own, "relevo.cluster.wires")
    assert not {name for name in ours if not name.startswith(known)}
    assert not packages(module) & {"pydantic", "jinja2", "pyinfra", "django", "pymysql", "rich", "typer"}


@pytest.mark.parametrize("module", [m for m in MODULES if m.parts[0] in {"queue", "trace"}], ids=str)
def test_the_control_of_the_queues_uses_the_standard_library_and_the_agents_means_alone(module: Path):
    ours = {name for name in imports(module) if name.split(".")[0] == "relevo"}
    means = ("relevo.trace", *(
        ("relevo.queue", "relevo.agent.links", "relevo.agent.credentials") if module.parts[0] == "queue" else ()
    ))
    assert not {name for name in ours if not name.startswith(means)}
    assert packages(module) - {"relevo"} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("module", [m for m in MODULES if m.parts[0] == "use"], ids=str)
def test_what_gathers_the_use_of_mailboxes_knows_the_journal_and_its_tables_alone(module: Path):
    ours = {name for name in imports(module) if name.split(".")[0] == "relevo"}
    assert not {name for name in ours if not name.startswith(("relevo.use", "relevo.trace", "relevo.node_database"))}
    assert packages(module) - {"relevo"} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_daemons_reach_the_database_in_one_way(module: Path):
    """Django has its own; what makes accounts and grants rights comes with the database's."""
    allowed = module == Path("node_database.py") or module.parts[:2] in {
        ("directory", "backend"), ("services", "mariadb"), ("services", "directory"),
    }
    assert allowed or "pymysql" not in packages(module)


@pytest.mark.parametrize("module", [m for m in MODULES if m.parts[0] == "profile"], ids=str)
def test_what_has_the_key_of_the_certificate_at_hand_knows_nothing_else(module: Path):
    assert not {n for n in imports(module) if n.startswith("relevo") and not n.startswith("relevo.profile")}
    assert packages(module) - {"relevo", "cryptography"} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_service_has_its_readme(service):
    assert (ROOT / "services" / service.name / "README.md").is_file()


@pytest.mark.parametrize("module", [m for m in MODULES if m.name == "render.py"], ids=str)
def test_rendering_does_no_input_or_output(module: Path):
    assert not packages(module) & {"os", "subprocess", "socket", "pathlib", "shutil", "tempfile"}
