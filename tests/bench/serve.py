"""Serves a store for the measurements: `python -m tests.bench.serve STORE`, then one line a port.

At the end of its input it says how many seconds of CPU it took, and ends.
"""

import sys
import time
from urllib.parse import urlsplit

from procx_graph.domain.clock import FixedClock
from procx_graph.events import Receiver
from procx_graph.server import build_app
from procx_graph.store import Store
from tests.bench.deliveries import NOW
from tests.deliveries import SECRETS
from tests.serving import served

if __name__ == "__main__":
    with Store.open(sys.argv[1]) as store:
        app = build_app(Receiver(store, secrets=SECRETS), clock=FixedClock(NOW))
        with served(app) as url:
            print(urlsplit(url).port, flush=True)  # noqa: T201 - the parent reads it
            for _ in sys.stdin:
                print(time.process_time(), flush=True)  # noqa: T201
