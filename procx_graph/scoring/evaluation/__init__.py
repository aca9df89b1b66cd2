"""What a churn risk is worth: methods compared at moments in the past, on what then happened."""

from procx_graph.scoring.evaluation.figures import Figures, Population
from procx_graph.scoring.evaluation.methods import Method
from procx_graph.scoring.evaluation.protocol import evaluate
from procx_graph.scoring.evaluation.rows import Mean, Row
from procx_graph.scoring.evaluation.table import Evaluation

__all__ = ["Evaluation", "Figures", "Mean", "Method", "Population", "Row", "evaluate"]
