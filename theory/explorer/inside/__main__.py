"""Record the runs of the book again: ``python -m theory.explorer.inside``, from the repository."""

from theory import runs
from theory.explorer.inside import semi_grokked_training, spread, training_of_the_book, watch

RUNS = {
    "inside_a_run": (training_of_the_book(), 60),
    "semi_grokked_run": (semi_grokked_training(), 50),
}

if __name__ == "__main__":
    for name, (training, records) in RUNS.items():
        runs.write(watch(training, spread(training.steps, records)), f"book/data/{name}.nc")
