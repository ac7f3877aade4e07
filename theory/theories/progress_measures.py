"""Three phases: memorising, a circuit that forms under a flat loss, and a clean-up."""

from theory.questions.question import Measured
from theory.theories.theory import Prediction, Theory


def _falls(_: Measured) -> Prediction:
    because = "squared weights fall while the circuit forms, and sharply in the clean-up"
    return Prediction(1.0, because, direction=-1)


PROGRESS_MEASURES = Theory(
    "three phases",
    "A network memorises; then a circuit forms under decay, while both losses stay flat and the "
    "norm falls; then memory is cleaned up, the test loss drops, and the norm falls faster.",
    "Nanda et al. 2023 (arXiv:2301.05217), section 5.2",
    "The passage on the phases was read word for word, in notes of others, not the whole paper. It "
    "is of a transformer with AdamW. So AdamW is its case; that it holds for another network, that "
    "memorising ends where the train loss is log 2, and that the clean-up is where the accuracy "
    "rises, is our reading.",
    {
        ("norm_and_loss", "adamw_end"): _falls,
        ("norm_and_loss", "adamw_fell"): _falls,
        ("norm_and_loss", "adamw_first"): lambda _: Prediction(
            0.0, "the test loss stays flat until the clean-up"
        ),
    },
)
