"""Record the run of the book again: ``python -m theory.explorer.inside``, from the repository."""

from theory import runs
from theory.explorer.inside import spread, training_of_the_book, watch

if __name__ == "__main__":
    training = training_of_the_book()
    runs.write(watch(training, spread(training.steps, 60)), "book/data/inside_a_run.nc")
