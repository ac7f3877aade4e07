// Random numbers from a seed: the same seed draws the same numbers in every browser.

/** Marsaglia's xorshift with 32 bits, which run through all whole numbers but 0. */
export class Random {
  /** @param {number} seed  a whole number of at least 0 */
  constructor(seed) {
    // Seeds that differ by little shall not begin alike: odd multiples spread them over all bits.
    this.state = (Math.imul(seed + 1, 0x9e3779b1) >>> 0) || 1;
    for (let k = 0; k < 20; k++) this.bits();
  }

  /** The next 32 bits. */
  bits() {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return this.state >>> 0;
  }

  /** A number between 0 and 1, neither of which it is. */
  uniform() {
    return this.bits() / 2 ** 32;
  }

  /** A standard normal number (Box and Muller). */
  normal() {
    const radius = Math.sqrt(-2 * Math.log(this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /**
   * The numbers from 0 to `count` - 1, in any order with the same probability (Fisher and Yates).
   * @param {number} count
   */
  permutation(count) {
    const order = Uint16Array.from({ length: count }, (_, place) => place);
    for (let last = count - 1; last > 0; last--) {
      const place = Math.floor(this.uniform() * (last + 1));
      [order[last], order[place]] = [order[place], order[last]];
    }
    return order;
  }
}
