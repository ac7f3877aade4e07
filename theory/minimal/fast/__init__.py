"""The walled room of speed: kernels for many cells at once, for the paper's penalty only.

Each has a plain twin outside, `theory.minimal.dynamics.follow` and `theory.minimal.law`, and tests
hold it against that. Nothing here is needed to understand the model.
"""
