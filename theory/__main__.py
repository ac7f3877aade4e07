"""``python -m theory --help`` says what there is."""

from theory.commands import main

if __name__ == "__main__":
    main()
