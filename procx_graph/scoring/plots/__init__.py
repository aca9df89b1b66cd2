"""Pictures of scores, drawn by matplotlib without a screen (extra `plots`)."""

from procx_graph.scoring.plots.calibration import draw_calibration
from procx_graph.scoring.plots.canvas import save
from procx_graph.scoring.plots.lift import draw_lift

__all__ = ["draw_calibration", "draw_lift", "save"]
