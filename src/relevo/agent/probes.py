"""The probes of this node: each service's `health.py`, and the machine's own.

A `health.py` is loaded from its file and not as `relevo.services.<name>.health`: importing its package would bring in
pydantic and Jinja2, which doubles the agent's memory (24 to 48 MB) for nothing.
"""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from relevo.agent import host_probes
from relevo.agent.probe import AgentConfig, Probe

SERVICES_FOLDER = Path(__file__).parent.parent / "services"


def of_node(services: tuple[str, ...], config: AgentConfig, folder: Path = SERVICES_FOLDER) -> tuple[Probe, ...]:
    """Return all probes of this node, the services' in their order, then the machine's own."""
    modules = [module for name in services if (module := _health(folder, name))]
    return (*(probe for module in modules for probe in module.probes(config)), *host_probes.probes(config))


def _health(folder: Path, service: str) -> ModuleType | None:
    path = folder / service / "health.py"
    name = f"relevo.agent.health_of_{service}"
    spec = spec_from_file_location(name, path) if path.exists() else None
    if spec is None or spec.loader is None:
        return None
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
