"""What a user waits for: the import, and a scan of the sample in a fresh process."""

import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.bench

IMPORT = "import time; t = time.perf_counter(); import procx_graph; print(time.perf_counter() - t)"
SCAN = """
import time
from procx_graph import CustomerBase, Monitor
base = CustomerBase.sample()
t = time.perf_counter()
with Monitor(base) as monitor:
    monitor.scan(10)
print(time.perf_counter() - t)
"""


def seconds(code: str) -> float:
    """Best of three fresh processes, as they tell it themselves."""
    return min(
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(3)
    )


def test_the_import_and_a_scan_of_the_sample() -> None:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "procx_graph", "scan"], capture_output=True, check=True)
    command = time.perf_counter() - start
    imported, scanned = seconds(IMPORT), seconds(SCAN)

    print(  # noqa: T201 - a measurement is for reading
        f"\nimport procx_graph {imported * 1e3:.0f} ms; scan of the sample {scanned:.1f} s; "
        f"the whole command {command:.1f} s"
    )
    assert imported < 0.15
    assert scanned < 5
