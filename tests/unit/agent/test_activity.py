"""What the kernel's account of a unit says, and that what it does not say is known as such."""

from __future__ import annotations

from pathlib import Path

from relevo.agent.activity import Activity, activity

CPU = "usage_usec 1500000\nuser_usec 1000000\n"
PRESSURE = "some avg10=4.99 avg60=4.25 avg300=1.80 total={}\nfull avg10=4.31 avg60=3.67 avg300=1.56 total=9\n"


def test_the_account_of_a_unit_is_read(tmp_path: Path):
    unit = tmp_path / "postfix.service"
    unit.mkdir()
    (unit / "cpu.stat").write_text(CPU)
    for resource, waited in (("cpu", 7), ("io", 0), ("memory", 5)):
        (unit / f"{resource}.pressure").write_text(PRESSURE.format(waited))
    assert activity("postfix.service", tmp_path) == Activity(1.5, (7, 0, 5))
    (unit / "io.pressure").unlink()
    assert activity("postfix.service", tmp_path) is None, "the kernel has no PSI"
    assert activity("other.service", tmp_path) is None
    assert activity("", tmp_path) is None
