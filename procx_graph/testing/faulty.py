"""Random faults that come again exactly, whatever the order in which requests arrive."""

import hashlib
import threading
from collections import Counter
from collections.abc import Sequence

from procx_graph.testing import faults as made
from procx_graph.testing.model_answers import Answer, Fault, Given, Rule
from procx_graph.testing.model_request import ModelRequest

USUAL: tuple[Answer | Fault, ...] = (
    made.rate_limited(retry_after_ms=1),
    made.server_error(),
    made.overloaded(),
    made.cut_before_head(),
    made.cut_in_body(),
    made.broken_body(),
    made.broken_content(),
    made.empty_content(),
)


class Faulty:
    """A rule that fails by chance, and otherwise answers as another rule does.

        ModelServer(Faulty(share=0.3, seed=7))

    Whether a request fails, and how, depends on the seed, on its body, and on how often that body
    came before: a client's second try has its own luck, and the same requests meet the same faults
    in every run, however many are under way at once.

    Args:
        rule: Answers what does not fail; by default the default answer.
        share: The probability that a request fails, in [0, 1].
        seed: Another seed, other faults.
        faults: One of these happens, each as likely as the others. None of the usual ones is slow.

    Attributes:
        failed: How many requests failed so far.
    """

    def __init__(
        self,
        rule: Rule | None = None,
        *,
        share: float,
        seed: int = 0,
        faults: Sequence[Answer | Fault] = USUAL,
    ) -> None:
        self.rule = rule
        self.share = share
        self.seed = seed
        self.faults = tuple(faults)
        self.failed = 0
        self._seen: Counter[bytes] = Counter()
        self._lock = threading.Lock()

    def __call__(self, request: ModelRequest) -> Given | None:
        """Fail, or answer as the rule does."""
        with self._lock:
            self._seen[request.raw] += 1
            time = self._seen[request.raw]
        drawn = hashlib.sha256(f"{self.seed}:{time}:".encode() + request.raw).digest()
        if int.from_bytes(drawn[:8]) / 2**64 >= self.share:
            return self.rule(request) if self.rule else None
        with self._lock:
            self.failed += 1
        return self.faults[int.from_bytes(drawn[8:16]) % len(self.faults)]
