"""One full-batch AdamW step of both networks in torch and JAX, as a careful user writes it.

Every function takes the network, the start and the data and returns a step: a callable that does
one update and returns the loss before it. Attention is that of the last position alone, as in the
package, but each example has keys and values of its own, which a framework cannot know to be rows
of a table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np
import torch
from jax import numpy as jnp

from theory.networks import AdamW, Network, Transformer, TwoLayer

Step = Callable[[], Any]
Arrays = Mapping[str, np.ndarray]
Tensors = Mapping[str, torch.Tensor]


def torch_eager(
    network: Network, start: Arrays, tokens: np.ndarray, labels: np.ndarray, optimiser: AdamW
) -> Step:
    """Return the step of torch as it comes."""
    return _torch_step(_torch_loss(network), start, tokens, labels, optimiser)


def torch_compiled(
    network: Network, start: Arrays, tokens: np.ndarray, labels: np.ndarray, optimiser: AdamW
) -> Step:
    """Return the step of torch with loss and gradient compiled."""
    return _torch_step(torch.compile(_torch_loss(network)), start, tokens, labels, optimiser)


def _torch_step(
    loss: Callable[..., torch.Tensor],
    start: Arrays,
    tokens: np.ndarray,
    labels: np.ndarray,
    optimiser: AdamW,
) -> Step:
    theta = {name: torch.tensor(array, requires_grad=True) for name, array in start.items()}
    inputs, right = torch.tensor(tokens), torch.tensor(labels)
    adam = torch.optim.AdamW(
        theta.values(),
        lr=optimiser.learning_rate,
        betas=optimiser.betas,
        eps=optimiser.epsilon,
        weight_decay=optimiser.weight_decay,
        fused=True,  # the fastest
    )

    def step() -> torch.Tensor:
        adam.zero_grad(set_to_none=True)
        value = loss(theta, inputs, right)
        value.backward()
        adam.step()
        return value.detach()

    return step


def jax_jit(
    network: Network, start: Arrays, tokens: np.ndarray, labels: np.ndarray, optimiser: AdamW
) -> Step:
    """Return the step of JAX, compiled as a whole, with its buffers donated."""
    inputs, right = jnp.asarray(tokens), jnp.asarray(labels)
    logits, (beta_1, beta_2), rate = JAX[type(network)], optimiser.betas, optimiser.learning_rate

    def loss(theta: Any) -> jax.Array:
        log_probabilities = jax.nn.log_softmax(logits(theta, inputs))
        return -log_probabilities[jnp.arange(right.size), right].mean()

    def update(theta: Any, m: Any, v: Any, t: jax.Array) -> Any:
        value, gradient = jax.value_and_grad(loss)(theta)
        m = jax.tree.map(lambda m, g: beta_1 * m + (1 - beta_1) * g, m, gradient)
        v = jax.tree.map(lambda v, g: beta_2 * v + (1 - beta_2) * g * g, v, gradient)
        bias_1, bias_2 = 1 - beta_1**t, 1 - beta_2**t
        theta = jax.tree.map(
            lambda p, m, v: (
                p * (1 - rate * optimiser.weight_decay)
                - rate * (m / bias_1) / (jnp.sqrt(v / bias_2) + optimiser.epsilon)
            ),
            theta,
            m,
            v,
        )
        return theta, m, v, t + 1, value

    compiled = jax.jit(update, donate_argnums=(0, 1, 2))
    theta = {name: jnp.array(array) for name, array in start.items()}
    zeros = [jax.tree.map(jnp.zeros_like, theta) for _ in range(2)]
    state = (theta, *zeros, jnp.float32(1))

    def step() -> jax.Array:
        nonlocal state
        *state, value = compiled(*state)
        return value.block_until_ready()

    return step


def _torch_loss(network: Network) -> Callable[..., torch.Tensor]:
    logits = TORCH[type(network)]

    def loss(theta: Tensors, tokens: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(logits(theta, tokens), labels)

    return loss


def _torch_two_layer(theta: Tensors, tokens: torch.Tensor) -> torch.Tensor:
    first, second = theta["E"].chunk(2)
    embed = torch.nn.functional.embedding
    return (embed(tokens[:, 0], first) + embed(tokens[:, 1], second)).square() @ theta["W"]


def _torch_transformer(theta: Tensors, tokens: torch.Tensor) -> torch.Tensor:
    x = torch.nn.functional.embedding(tokens, theta["E"]) + theta["P"]
    last = x[:, -1]
    query = (last @ theta["W_Q"]).view(-1, 1, 4, 32).transpose(1, 2)
    keys, values = ((x @ theta[name]).view(-1, 3, 4, 32).transpose(1, 2) for name in ("W_K", "W_V"))
    weights = torch.softmax(query @ keys.transpose(2, 3) * 32**-0.5, -1)
    r = last + (weights @ values).reshape(-1, 128) @ theta["W_O"]
    return (r + torch.relu(r @ theta["W_in"]) @ theta["W_out"]) @ theta["W_U"]


def _jax_two_layer(theta: Any, tokens: jax.Array) -> jax.Array:
    first, second = jnp.split(theta["E"], 2)
    return (first[tokens[:, 0]] + second[tokens[:, 1]]) ** 2 @ theta["W"]


def _jax_transformer(theta: Any, tokens: jax.Array) -> jax.Array:
    x = theta["E"][tokens] + theta["P"]
    last = x[:, -1]
    query = (last @ theta["W_Q"]).reshape(-1, 4, 32)
    keys, values = ((x @ theta[name]).reshape(-1, 3, 4, 32) for name in ("W_K", "W_V"))
    weights = jax.nn.softmax(jnp.einsum("ihd,ijhd->ijh", query, keys) * 32**-0.5, axis=1)
    attended = jnp.einsum("ijh,ijhd->ihd", weights, values).reshape(-1, 128)
    r = last + attended @ theta["W_O"]
    return (r + jax.nn.relu(r @ theta["W_in"]) @ theta["W_out"]) @ theta["W_U"]


TORCH = {TwoLayer: _torch_two_layer, Transformer: _torch_transformer}
JAX = {TwoLayer: _jax_two_layer, Transformer: _jax_transformer}
