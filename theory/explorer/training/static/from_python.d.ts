// What theory.explorer.training.program writes above the program, besides the numbers of the explorer.

/** The program of the worker, as text. */
declare const WORKER_PROGRAM: string;
