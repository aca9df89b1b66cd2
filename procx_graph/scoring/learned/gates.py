"""The gate: a model is admitted only where it is better than doing without.

Source: facts on scoring, section 4.6.3.
"""

from procx_graph.domain.learned import Labels
from procx_graph.scoring.learned.card import Check, Figures
from procx_graph.scoring.learned.lessons import POSITIVES

CHANCE = 0.55
"""AUC that the lower end of the 95 % interval must exceed."""
ORIGINS = 2
"""Fewest moments: one to train on, one to judge on."""

LEFT = {Labels.ORDERS: "fell silent", Labels.CHURN: "left"}


def enough_to_learn(origins: int, positives: int, labels: Labels) -> list[Check]:
    """Say whether there is enough to train on at all."""
    several = Check(
        passed=origins >= ORIGINS,
        text=f"{origins} {'origin' if origins == 1 else 'origins'} with a closed horizon; "
        f"at least {ORIGINS} are needed, one to train on and one to judge on",
    )
    many = Check(
        passed=positives >= POSITIVES,
        text=f"{positives:,} customers {LEFT[labels]} over the origins; "
        f"at least {POSITIVES} are needed",
    )
    return [several, many]


def both_outcomes(positives: int, customers: int, labels: Labels, where: str) -> Check:
    """Say whether both outcomes occur, without which nothing can be told apart."""
    return Check(
        passed=0 < positives < customers,
        text=f"{positives:,} of {customers:,} customers {LEFT[labels]} {where}; "
        "some must have and some not",
    )


def good_enough(learned: Figures, constant: Figures, mbg: Figures, labels: Labels) -> list[Check]:
    """Say whether a model is better than chance, than the base rate, and than `mbg`.

    The last is asked only of silence: a label of departure is not what `mbg` predicts.

    Args:
        learned: Figures of the model at the latest origin.
        constant: Of the base rate there, known in hindsight.
        mbg: Of the risk that stays otherwise.
        labels: What counts as having left.
    """
    checks = [_ranks(learned), _beats(learned, constant, "the base rate")]
    if labels is Labels.ORDERS and mbg.brier is not None:
        checks.append(_beats(learned, mbg, "mbg"))
    return checks


def _ranks(learned: Figures) -> Check:
    interval = f"{_number(learned.auc_low)} to {_number(learned.auc_high)}"
    return Check(
        passed=learned.auc_low is not None and learned.auc_low > CHANCE,
        text=f"AUC {_number(learned.auc)}, 95 % interval {interval}; "
        f"its lower end must be above {CHANCE:.2f}",
    )


def _beats(learned: Figures, other: Figures, name: str) -> Check:
    known = learned.brier is not None and other.brier is not None
    return Check(
        passed=known and (learned.brier or 0) < (other.brier or 0),
        text=f"Brier {_number(learned.brier, 4)}; must be below {_number(other.brier, 4)}, "
        f"that of {name}",
    )


def _number(value: float | None, decimals: int = 3) -> str:
    return "unknown" if value is None else f"{value:.{decimals}f}"
