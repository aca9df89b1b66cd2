"""How well the retention graph does on labelled situations, by rules or with models."""

from procx_graph.evals.loading import load_situations
from procx_graph.evals.report import EvalReport
from procx_graph.evals.run import run_evals
from procx_graph.evals.situations import SituationSet

__all__ = ["EvalReport", "SituationSet", "load_situations", "run_evals"]
