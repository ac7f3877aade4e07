"""Where the book shows what a question has found: the one place that knows pages and figures."""

from __future__ import annotations

from collections.abc import Mapping

#: Page and figure of every question, or the section where no figure shows its runs.
FIGURES: Mapping[str, str] = {
    "efficiency": "efficiency.html#fig-efficiency",
    "ungrokking": "ungrokking.html#fig-ungrokking",
    "weight_decay": "weight_decay.html#fig-strength-accuracy",
    "critical_size": "critical_size.html#fig-identity",
    "memorising_cost": "what_a_circuit_costs.html#fig-memorising-cost",
    "generalising_cost": "what_a_circuit_costs.html#fig-generalising-cost",
    "own_exponent": "one_kappa.html#fig-own-exponents",
    "other_tasks": "other_groups.html#fig-other-groups",
    "relu_cost": "relu_costs.html#is-it-so",
    "two_starts": "relu_costs.html#two-starts-one-end",
    "cubic_units": "relu_costs.html#one-degree-more",
    "mixtures": "coming_down.html#fig-coming-down",
    "shared_units": "coming_down.html#where-memory-sits",
    "exceptions": "coming_down.html#exceptions-to-the-rule",
    "mixtures_elsewhere": "coming_down.html#off-the-track",
    "semi_grokking": "semi_grokking.html#fig-in-part",
    "long_runs": "semi_grokking.html#does-adamw-come-to-rest",
    "transient": "several_circuits.html#fig-transient",
    "two_sides": "one_size_or_many.html#fig-four-starts",
    "annealing": "one_size_or_many.html#fig-annealing",
    "efficiency_again": "efficiency.html#fig-price",
    "decay_again": "weight_decay.html#fig-penalties",
    "optimisers": "weight_decay.html#fig-adamw-rest",
    "critical_again": "critical_size.html#fig-six-moduli",
    "forgetting": "ungrokking.html#fig-forgetting-ways",
    "delay_and_decay": "how_long.html#fig-delay-decay",
    "delay_and_size": "how_long.html#fig-delay-size",
    "answers": "how_many_answers.html#fig-answers",
    "held_norm": "large_start.html#fig-held-norm",
    "large_starts": "large_start.html#fig-large-starts",
    "regularisers": "can_it_go.html#fig-regularisers",
    "transplants": "can_it_go.html#fig-transplants",
    "width": "more_parameters.html#fig-width",
    "harder_width": "more_parameters.html#fig-harder-width",
    "depth": "more_parameters.html#fig-depth",
    "without_decay": "without_decay.html#fig-without-decay",
    "several_circuits": "several_circuits.html#fig-strengths",
    "infinite_data": "infinite_data.html#fig-infinite-data",
    "endless_sums": "infinite_data.html#fig-endless-sums",
    "fixed_fraction": "infinite_data.html#fig-fixed-fraction",
}
