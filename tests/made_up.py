"""Outcomes that nothing was run for."""

from theory.questions import Quantity
from theory.statistics import Interval
from theory.theories import Prediction
from theory.trial import HOLDS, Judgement, Outcome

SLOPE = Quantity("a_slope", "A slope.", "primary", 0.25)
SIZE = Quantity("a_size", "A size.", "secondary", 0.1, relative=True, null=12.5, guess="as before")
MORE = Quantity("more_of_it", "More.")
INTERVAL = Interval(0.125, -0.25, 0.5)


def outcome(quantity=SLOPE, verdict=HOLDS, place=None, interval=INTERVAL, **changes):
    """An outcome with its judgement."""
    judgement = {
        "reason": "",
        "seeds": 5,
        "censored": 0,
        "needed": 0,
        **changes.pop("judgement", {}),
    }
    given = {
        "theory": "a theory",
        "question": "a question",
        "prediction": Prediction(1.5, "so it is"),
        "predicted": 1.5,
        "found": Interval(1.6, 1.5, 1.7),
        **changes,
    }
    judged = Judgement(verdict, interval=interval, chance=0.001, **judgement)
    return Outcome(quantity=quantity, place=place or {}, judgement=judged, **given)
