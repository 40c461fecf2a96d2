# mypy: allow-untyped-defs
"""Activations in plain numpy, to be copied into the scripts that `export` writes.

Each function stands alone: its text, with `math` and `numpy as np` imported, is all it takes.
Before one is used, its numbers are compared with those of the activation that it stands for.
"""

import math

import numpy as np


def step(a):
    """1 where a > 0, otherwise 0."""
    return np.heaviside(a, 0)


def sigmoid(a):
    """1 / (1 + exp(-a)), multiplied through by exp(a) where a < 0: exp cannot overflow."""
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1, e) / (1 + e)


def relu(a):
    """max(a, 0)"""
    return np.maximum(a, 0)


def identity(a):
    """a, as it is."""
    return a


def softmax(a):
    """exp(a_k) / Σ exp(a_i): taking the largest a away changes nothing, and exp cannot overflow."""
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def log_softmax(a):
    """a_k - log(Σ exp(a_i)), with the largest a taken away first."""
    shifted = a - a.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def tanh(a):
    """(exp(a) - exp(-a)) / (exp(a) + exp(-a))"""
    return np.tanh(a)


def leaky_relu(a, alpha=0.01):
    """a where a ≥ 0, alpha·a where a < 0."""
    return np.maximum(a, 0) + alpha * np.minimum(a, 0)


def elu(a, alpha=1.0):
    """a where a ≥ 0, alpha·(exp(a) - 1) where a < 0."""
    return np.maximum(a, 0) + alpha * np.expm1(np.minimum(a, 0))


def selu(a, alpha=1.67326319217681884765625, gamma=1.05070102214813232421875):
    """gamma·a where a > 0, gamma·alpha·(exp(a) - 1) where a ≤ 0."""
    return gamma * np.maximum(a, 0) + gamma * alpha * np.expm1(np.minimum(a, 0))


def celu(a, alpha=1.0):
    """max(a, 0) + min(0, alpha·(exp(a/alpha) - 1))"""
    return np.maximum(a, 0) + alpha * np.expm1(np.minimum(a, 0) / alpha)


def gelu(a, approximate="none"):
    """a·Φ(a), where Φ is the normal distribution function; or the approximation with tanh."""
    a64 = a.astype(np.float64)
    if approximate == "tanh":
        # The sigmoid of 2u is (1 + tanh(u)) / 2.
        u = math.sqrt(2 / math.pi) * (a64 + 0.044715 * a64**3)
        e = np.exp(-2 * np.abs(u))
        phi = np.where(u >= 0, 1, e) / (1 + e)
    else:
        phi = np.vectorize(math.erfc, otypes=[np.float64])(-a64 / math.sqrt(2)) / 2
    return (a64 * phi).astype(a.dtype)


def swish(a, beta=1.0):
    """a·sigmoid(beta·a)"""
    e = np.exp(-np.abs(beta * a))
    return a * (np.where(beta * a >= 0, 1, e) / (1 + e))


def mish(a):
    """a·tanh(log(1 + exp(a)))"""
    return a * np.tanh(np.maximum(a, 0) + np.log1p(np.exp(-np.abs(a))))


def softplus(a):
    """log(1 + exp(a)), in a form in which exp cannot overflow."""
    return np.maximum(a, 0) + np.log1p(np.exp(-np.abs(a)))


def softsign(a):
    """a / (1 + |a|)"""
    return a / (1 + np.abs(a))


def hard_sigmoid(a, alpha=0.2, beta=0.5):
    """max(0, min(1, alpha·a + beta))"""
    return np.clip(alpha * a + beta, 0, 1)


def hard_swish(a):
    """a·max(0, min(1, a/6 + 1/2))"""
    return a * (np.clip(a + 3, 0, 6) / 6)


def thresholded_relu(a, alpha=1.0):
    """a where a > alpha, otherwise 0."""
    return np.where(a <= alpha, 0, a)
