"""The errors of the library, one tree.

```
ProcxError
├── ConfigError            a setting, profile or policy is missing or wrong
├── DataError              customer tables cannot be read
│   └── RowError           carries table, row, column, value
├── UnknownCustomer        carries customer_id
├── PromptError            a prompt is missing, malformed or under-filled
├── ModelError
│   ├── ModelUnavailable   trying again may help
│   └── ModelReplyError    carries the reply
├── WebhookError           signature, shape, replay; carries provider and reason
├── ReviewError            unknown, already answered, or not an answer
└── StoreError             the store cannot be opened, read or written
```

A message says what happened, to what, and what to do. Facts are attributes as well as text.
"""

from typing import Any


class ProcxError(Exception):
    """Anything this library raises on purpose."""


class ConfigError(ProcxError):
    """A setting, profile, policy or mapping is missing or wrong."""


class DataError(ProcxError):
    """Customer tables cannot be read."""


class RowError(DataError):
    """One row is not what its table declares.

    Attributes:
        table: Name of the table.
        row: Number of the row as the user counts it (the first data row of a sheet is 2).
        column: Name of the column.
        value: The value found, as text, cut to 80 characters.
        problem: What is wrong with it.
    """

    def __init__(self, table: str, row: int, column: str, value: object, problem: str) -> None:
        self.table, self.row, self.column, self.problem = table, row, column, problem
        self.value = str(value)[:80]
        super().__init__(table, row, column, self.value, problem)

    def __str__(self) -> str:
        return f"{self.table} row {self.row}, column {self.column}: {self.problem} ({self.value!r})"


class UnknownCustomer(ProcxError):
    """No customer has this id.

    Attributes:
        customer_id: The id that was asked for.
    """

    def __init__(self, customer_id: str) -> None:
        self.customer_id = customer_id
        super().__init__(customer_id)

    def __str__(self) -> str:
        return f"no customer {self.customer_id!r} in this base"


class PromptError(ProcxError):
    """A prompt is missing, malformed or under-filled."""


class ModelError(ProcxError):
    """A language model did not do its part.

    Attributes:
        tokens: What was spent on it all the same, a `domain.tokens.Tokens`; `None` for nothing.
        model: Name of the model; empty when it has none.
    """

    tokens: Any = None
    model: str = ""


class ModelUnavailable(ModelError):
    """The model cannot be reached; trying again may help."""


class ModelReplyError(ModelError):
    """The model answered, but not with what was asked for.

    Attributes:
        reply: What it said, as text.
    """

    def __init__(self, message: str, reply: str) -> None:
        self.reply = reply
        super().__init__(message, reply)

    def __str__(self) -> str:
        return str(self.args[0])


class WebhookError(ProcxError):
    """A delivery is not what its provider sends.

    Attributes:
        provider: Who is said to have sent it.
        reason: What is wrong with it, as a word.
        status: What HTTP calls it: 400 shape, 401 signature, 404 provider, 413 size.
    """

    def __init__(self, provider: str, reason: str, message: str, *, status: int = 400) -> None:
        self.provider, self.reason, self.status = provider, reason, status
        super().__init__(provider, reason, message)

    def __str__(self) -> str:
        return f"{self.provider}: {self.args[2]}"


class ReviewError(ProcxError):
    """A review is unknown, already answered, or the answer is none."""


class StoreError(ProcxError):
    """The store cannot be opened, read or written, or does not hold what was asked for."""
