"""Surveys: the score customers give, and what they say with it."""

import numpy as np
import pandas as pd

from procx_graph.tables.sample.crowd import Crowd
from procx_graph.tables.sample.knobs import Stream
from procx_graph.tables.sample.moments import emit
from procx_graph.tables.sample.words import survey_texts, written_language


def nps_survey(crowd: Crowd) -> pd.DataFrame:
    """Draw the survey answers of the customers, 0 to 10."""
    rng, obs = crowd.rng(Stream.SURVEYS), crowd.knobs.obs
    moments = emit(crowd.population, np.full(crowd.latents.mood.shape, 0.22 * obs), rng)
    size, owner = len(moments), crowd.owners(moments.who)
    noise = rng.normal(0, 1.3 / np.sqrt(obs), size)
    score = np.rint(7.2 + 1.9 * moments.mood + noise).clip(0, 10).astype(np.int64)
    band = np.select([score >= 9, score >= 7], ["promoter", "passive"], "detractor")
    languages = written_language(owner["language"].tolist(), rng)
    return pd.DataFrame(
        {
            "survey_id": crowd.ids("nps_survey", size),
            "customer_id": owner["customer_id"],
            "date": crowd.knobs.stamps(moments.day),
            "nps_score": score,
            "feedback_text": survey_texts(languages, band.tolist(), rng),
        }
    )
