"""How the number of examples decides: critical size, spread, protocols, loops and regimes."""
