"""The probes of this node: each service's `health.py`, and the machine's own.

In the agent's process `relevo.services` and the services' packages are bare: only their paths count, their
`__init__.py` are not run. Those would bring in pydantic and Jinja2, which doubles the agent's memory (24 to 48 MB) for
nothing.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType

from relevo.agent import host_probes
from relevo.agent.pace import paced
from relevo.agent.probe import AgentConfig, Deadline, Probe, ProbeFailed

SERVICES_FOLDER = Path(__file__).parent.parent / "services"
_PACKAGE = "relevo.services"
_SELDOM = 60.0  # seconds: what is asked no more often than that costs a slow machine nothing


def of_node(services: tuple[str, ...], config: AgentConfig, folder: Path = SERVICES_FOLDER) -> tuple[Probe, ...]:
    """Return all probes of this node, the services' in their order, then the machine's own."""
    asked = [name for name in services if (folder / name / "health.py").exists()]
    found = (*(probe for name in asked for probe in _of(name, config)), *host_probes.probes(config))
    return tuple(
        replace(probe, every=min(paced(probe.every), max(probe.every, _SELDOM)), timeout=paced(probe.timeout))
        for probe in found
    )


def _of(service: str, config: AgentConfig) -> tuple[Probe, ...]:
    """Return one service's probes; one that has a defect must not take the others' away, but be seen."""
    try:
        return tuple(import_module(f"{_PACKAGE}.{service}.health").probes(config))
    except Exception as error:  # noqa: BLE001 - whatever is wrong there
        return (Probe("health", service, partial(_defect, f"{type(error).__name__}: {error}"), vital=False, every=60),)


def _defect(text: str, _: Deadline) -> str:
    raise ProbeFailed(f"its probes can't be made ({text})")


def use_bare_packages(services: tuple[str, ...], folder: Path = SERVICES_FOLDER) -> None:
    """Have this process import the services' modules without their packages' `__init__.py`."""
    for name, path in ((_PACKAGE, folder), *((f"{_PACKAGE}.{name}", folder / name) for name in services)):
        package = ModuleType(name)
        package.__path__ = [str(path)]
        sys.modules[name] = package
