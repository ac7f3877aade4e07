"""Without a regulariser, networks of adaptive optimisers generalise where training breaks out."""

from theory.theories.theory import Prediction, Theory

SLINGSHOT = Theory(
    "slingshots",
    "With an adaptive optimiser and no decay the last layer grows, the train loss spikes, and "
    "grokking comes with the spikes; it is absent without.",
    "Thilak et al. 2022 (arXiv:2206.04817)",
    "The abstract and the text to the first figure were read. A spike is taken to be a train loss "
    "ten times its lowest so far, and grokking half of what is unseen after a fit; they say almost "
    "exclusively, which is taken to leave a tenth.",
    {
        ("norm_and_loss", "calm"): lambda _: Prediction(0.0, "there is no grokking without spikes"),
        ("norm_and_loss", "free_end"): lambda _: Prediction(
            1.0, "the last layer grows before it spikes", direction=1
        ),
    },
)
