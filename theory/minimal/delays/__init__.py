"""The laws of the delay: its rates, its constants, and what other optimisers make of it."""
