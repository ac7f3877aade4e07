"""The statements of the minimal model derived in SymPy, from its loss alone.

Each function derives one statement and returns it as a SymPy equation, in the symbols of `loss`.
Nothing of the package is used here or uses this: the numeric code is held against it by tests, and
the book shows and executes it. Sources are named in each docstring.
"""

from theory.minimal.symbolic.dataset_size import (
    critical_size,
    equilibrium_against_size,
    loop_end_down,
    loop_end_up,
    loss_before_accuracy,
)
from theory.minimal.symbolic.delays import (
    descent_growth,
    heavy_ball_polynomial,
    plateau_growth,
    plateau_growth_at_two,
)
from theory.minimal.symbolic.dynamics import (
    conservation,
    conservation_in_descent,
    hypentropy_law,
    linear_law,
    lyapunov_law,
    order_law,
    p_free_law,
    two_function_law,
    weight_law,
)
from theory.minimal.symbolic.equilibria import (
    combined_cost,
    convexity,
    determinant_law,
    effective_norm,
    equilibrium_at_two,
    lambert_total,
    ratio_law,
    single_peak,
)
from theory.minimal.symbolic.equivalences import (
    mean_square_law,
    rescaling_law,
    temperature_law,
    temperature_of_time,
)
from theory.minimal.symbolic.further import (
    balanced_third_constant,
    convexity_of_own_exponents,
    critical_ratio_of_own_exponents,
    depth_delay,
    depth_speed,
    loss_gap,
    sign_descent_delay,
    size_in_constants,
)
from theory.minimal.symbolic.loss import cross_entropy, marginal_cost, objective, pull, slope

__all__ = [
    "balanced_third_constant",
    "combined_cost",
    "conservation",
    "conservation_in_descent",
    "convexity",
    "convexity_of_own_exponents",
    "critical_ratio_of_own_exponents",
    "critical_size",
    "cross_entropy",
    "depth_delay",
    "depth_speed",
    "descent_growth",
    "determinant_law",
    "effective_norm",
    "equilibrium_against_size",
    "equilibrium_at_two",
    "heavy_ball_polynomial",
    "hypentropy_law",
    "lambert_total",
    "linear_law",
    "loop_end_down",
    "loop_end_up",
    "loss_before_accuracy",
    "loss_gap",
    "lyapunov_law",
    "marginal_cost",
    "mean_square_law",
    "objective",
    "order_law",
    "p_free_law",
    "plateau_growth",
    "plateau_growth_at_two",
    "pull",
    "ratio_law",
    "rescaling_law",
    "sign_descent_delay",
    "single_peak",
    "size_in_constants",
    "slope",
    "temperature_law",
    "temperature_of_time",
    "two_function_law",
    "weight_law",
]
