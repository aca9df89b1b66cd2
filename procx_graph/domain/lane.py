"""The lanes of a scan: for whom it is."""

from enum import StrEnum

from procx_graph.domain.customer import CustomerState


class Lane(StrEnum):
    """Whom a scan is for; one customer is in one lane at most."""

    RETENTION = "retention"
    """Active customers, by revenue at risk."""
    WINBACK = "winback"
    """Dormant customers, by churn risk x lifetime value; only here they may get marketing."""

    @property
    def state(self) -> CustomerState:
        """Where the customers of this lane stand."""
        return CustomerState.DORMANT if self is Lane.WINBACK else CustomerState.ACTIVE

    def wins_back(self, state: CustomerState) -> bool:
        """Whether a customer who stands there is one to win back in this lane."""
        return self is Lane.WINBACK and state is CustomerState.DORMANT
