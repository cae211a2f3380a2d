"""How long a probe may be silent: a hang is seen within a second, a busy machine does not look like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from relevo.agent.patience import LEAST_SECONDS, Patience, ProcessorPressure

PSI = "some avg10=1.00 avg60=1.00 avg300=1.00 total={}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n"


def taught(times: list[float], pressure: float | None = 0.0) -> float:
    patience = Patience(lambda: pressure)
    for seconds in times:
        patience.learn("x", seconds)
    return patience.limit("x", 3.0)


def test_before_the_first_success_and_without_the_kernels_word_it_is_the_probes_own():
    assert taught([]) == 3.0
    assert taught([0.05] * 20, pressure=None) == 3.0


@pytest.mark.parametrize(
    ("times", "pressure", "least", "most"),
    [
        ([0.05] * 20, 0.0, LEAST_SECONDS, LEAST_SECONDS),
        ([0.05] * 20, 0.5, LEAST_SECONDS * 3, LEAST_SECONDS * 3),
        ([0.5] * 20, 0.0, 0.5, 0.6),  # slow, and always so
        ([0.05] * 20 + [1.0], 0.0, 1.0, 1.5),  # one that took long makes it wait at once
        ([0.05] * 20 + [1.0] + [0.05] * 20, 0.0, LEAST_SECONDS, LEAST_SECONDS),  # ... and is forgotten
        ([0.1, 0.9] * 20, 0.0, 1.5, 3.0),  # restless
        ([0.5] * 20, 1.0, 2.5, 3.0),
        ([2.0] * 20, 1.0, 3.0, 3.0),  # never more than the probe's own
    ],
)
def test_it_follows_what_the_probe_took_and_how_busy_the_machine_is(
    times: list[float], pressure: float, least: float, most: float
):
    assert least <= taught(times, pressure) <= most + 1e-9


def test_the_pressure_is_that_of_the_last_moments(tmp_path: Path):
    clock = [100.0]
    file = tmp_path / "cpu"
    file.write_text(PSI.format(5_000_000))
    pressure = ProcessorPressure(file, lambda: clock[0])
    assert pressure() is None, "nothing to compare with yet"
    clock[0], _ = 101.0, file.write_text(PSI.format(5_250_000))
    assert pressure() == pytest.approx(0.25)
    clock[0], _ = 101.1, file.write_text(PSI.format(5_350_000))
    assert pressure() == pytest.approx(0.25), "too soon to tell"
    clock[0], _ = 102.0, file.write_text(PSI.format(9_000_000))
    assert pressure() == 1.0


def test_a_kernel_that_does_not_tell_is_no_error(tmp_path: Path):
    clock = [0.0]
    pressure = ProcessorPressure(tmp_path / "none", lambda: clock[0])
    pressure()
    clock[0] = 1.0
    assert pressure() is None


@pytest.mark.parametrize(("pressure", "busy"), [(None, False), (0.3, False), (0.7, True)])
def test_a_machine_is_busy_when_much_waits_for_its_processors(pressure: float | None, busy: bool):
    assert Patience(lambda: pressure).is_busy() is busy
