"""A network that learns to add in the reader's browser: grokking, and ungrokking, by hand.

It is `theory.networks.TwoLayer` with `theory.networks.Adam`, written once more for the browser, and
trains in a worker beside the page. Here there are only the program and its style, for pages.
"""
