"""Forecast what a network will do: ``python -m theory forecast --modulus 151 [--run]``."""

from __future__ import annotations

import argparse

from theory import forecasts


def main(arguments: list[str] | None = None) -> None:
    """Print forecasts; with ``--run`` also train, score, and append to the track record."""
    parser = argparse.ArgumentParser(prog="python -m theory")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("forecast", help="what circuits of a network will cost")
    one.add_argument("--modulus", type=int, required=True, help="m, odd, at least 23")
    one.add_argument("--l2", type=float, default=1e-4, help="penalty, 1e-5 to 1e-3")
    one.add_argument("--width", type=int, default=128, help="hidden units")
    one.add_argument("--seed", type=int, default=0, help="of the run")
    one.add_argument("--run", action="store_true", help="train, score, append to the track record")
    given = parser.parse_args(arguments)
    settings = {"modulus": given.modulus, "l2": given.l2, "width": given.width}
    try:
        said = forecasts.forecast(**settings)
    except ValueError as error:
        parser.error(str(error))
    if given.run:
        if not forecasts.RECORD.parent.is_dir():
            parser.error(f"--run needs {forecasts.RECORD.parent}: call it from the repository")
        print(forecasts.table(said), "\n\ntraining ...", flush=True)
        said = forecasts.run(**settings, seed=given.seed)
        forecasts.append({**settings, "seed": given.seed}, said)
    print(forecasts.table(said))


if __name__ == "__main__":
    main()
