"""The paper's delay by scipy and diffrax, as their users would write it."""

from __future__ import annotations

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import optimistix
from compiled import ALPHA, LABELS, START
from scipy.integrate import solve_ivp

#: Cells that are integrated side by side.
CHUNK = 4096


def scipy_cells(kappa: np.ndarray, norm: np.ndarray) -> np.ndarray:
    """What a user would write: one cell at a time, stopped by an event."""
    return np.array([_scipy_cell(*cell) for cell in zip(kappa, norm, strict=True)])


def _scipy_cell(kappa: float, norm: float) -> float:
    r, half = 2 / kappa - 1, np.square(START) / 2
    cost = 4 * ALPHA / kappa * np.array([1.0, norm**2]) * half**r

    def slope(time: float, z: np.ndarray) -> np.ndarray:
        size = np.sinh(z)
        return 2 / (1 + np.exp(half @ size) / (LABELS - 1)) - cost * abs(size) ** r

    def lead(time: float, z: np.ndarray) -> float:
        return half @ (np.sinh(z) * (1, -1)) if time else -1.0

    lead.terminal, lead.direction = True, 1
    solution = solve_ivp(
        slope, (0, 1e6), [0.0, 0.0], events=lead, rtol=3e-6, atol=3e-6, first_step=1e-4
    )
    return float(solution.t_events[0][0])


def _vector_field(time: float, z: jax.Array, cell: tuple[jax.Array, jax.Array]) -> jax.Array:
    kappa, norm = cell
    r, half = 2 / kappa - 1, jnp.square(jnp.array(START)) / 2
    cost = 4 * ALPHA / kappa * jnp.stack((jnp.ones_like(norm), norm**2)) * half**r
    size = jnp.sinh(z)
    # The power of exactly zero has no finite derivative, which the solver does not need.
    power = jnp.where(size > 0, size, 1.0) ** r * (size > 0)
    return 2 / (1 + jnp.exp(half @ size) / (LABELS - 1)) - cost * power


def _lead(t: float, y: jax.Array, args: object, **_: object) -> jax.Array:
    half = jnp.square(jnp.array(START)) / 2
    return jnp.where(t > 0, half @ (jnp.sinh(y) * jnp.array((1.0, -1.0))), -1.0)


@jax.jit
def _diffrax_chunk(kappa: jax.Array, norm: jax.Array) -> jax.Array:
    def solve(kappa: jax.Array, norm: jax.Array) -> jax.Array:
        solution = diffrax.diffeqsolve(
            diffrax.ODETerm(_vector_field),
            diffrax.Tsit5(),
            0.0,
            1e6,
            1e-4,
            jnp.zeros(2),
            (kappa, norm),
            stepsize_controller=diffrax.PIDController(rtol=2e-6, atol=2e-6),
            event=diffrax.Event(_lead, optimistix.Newton(1e-8, 1e-8)),
            max_steps=20_000,
        )
        return solution.ts[-1]

    return jax.vmap(solve)(kappa, norm)


def diffrax_chunks(kappa: np.ndarray, norm: np.ndarray) -> np.ndarray:
    """Batched by vmap, chunk after chunk, so that a slow cell holds up only its own."""
    parts = [
        _diffrax_chunk(kappa[i : i + CHUNK], norm[i : i + CHUNK])
        for i in range(0, kappa.size, CHUNK)
    ]
    return np.concatenate([np.asarray(part) for part in parts])
