"""Random faults that come again exactly, whatever the order in which requests arrive."""

import hashlib
import threading
from collections import Counter
from collections.abc import Sequence

from procx_graph.errors import ConfigError
from procx_graph.testing import faults as made
from procx_graph.testing.model_answers import Answer, Answers, Fault, Given, as_rule
from procx_graph.testing.model_request import ModelRequest

USUAL: tuple[Answer | Fault, ...] = (
    made.rate_limited(retry_after_ms=1),
    made.server_error(retry_after_ms=1),
    made.overloaded(retry_after_ms=1),
    made.cut_before_head(),
    made.cut_in_body(),
    made.broken_body(),
    made.empty_body(),
    made.broken_content(),
    made.empty_content(),
    made.cut_short(),
    made.refused(),
)


class Faulty:
    """A rule that fails by chance, and otherwise answers as asked.

        ModelServer(Faulty(share=0.3, seed=7))

    Whether a request fails, and how, depends on the seed, on its body, and on how often that body
    came before: a client's second try has its own luck, and the same requests meet the same faults
    in every run, however many are under way at once. So what changes from run to run, such as an
    id or the time, must not be in a prompt.

    Args:
        answers: What is answered otherwise, as for `ModelServer`.
        share: The probability that a request fails, in [0, 1].
        seed: Another seed, other faults.
        faults: One of these happens, each as likely as the others. None of the usual ones is slow,
            and none fails for good: a client may try again.

    Attributes:
        failed: How many requests failed so far.

    Raises:
        ConfigError: The share is none, or there is no fault to choose.
    """

    def __init__(
        self,
        answers: Answers = (),
        *,
        share: float,
        seed: int = 0,
        faults: Sequence[Answer | Fault] = USUAL,
    ) -> None:
        if not (0 <= share <= 1 and faults):
            raise ConfigError("a share of faults is in [0, 1], and one of some faults happens")
        self.rule = as_rule(answers)
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
            return self.rule(request)
        with self._lock:
            self.failed += 1
        return self.faults[int.from_bytes(drawn[8:16]) % len(self.faults)]
