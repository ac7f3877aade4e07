// What theory.explorer.module writes above the program, so that Python alone knows it.

declare const FROM_PYTHON: {
  /** N and |theta|^2 / m of a large network that generalises, per L (theory.circuits.limit). */
  limit: { units: number; squared_norm: number };
  /** b of one-sided mixing (theory.circuits.MIXING). */
  mixing: number;
};
