// What the network does, and what the theory expects, in words.

import { percent } from "../../inside/static/numbers.js";
import { CELLS, criticalOf, MODULUS } from "./settings.js";

/** @import { History } from "./history.js" */
/** @import { Sums } from "./sums.js" */

/** Accuracy on what it was trained on from which on it fits. */
const FITS = 0.99;
/** Accuracy on the others from which on it generalises, and below which memory does the work. */
const GENERALISES = 0.9;
const MEMORISES = 0.25;
/** Change of accuracy over so many updates from which on it rises or falls. */
const NOTICED = 0.03;
const WINDOW = 100;
/** Between these parts of the critical size a network ends in between. */
const BETWEEN = [0.6, 1.2];

/**
 * What the network does now.
 * @param {History} history
 */
export function stateOf(history) {
  const { updates, accuracy } = history.now;
  const [train, test] = accuracy;
  if (updates === 0) return "Nothing is learned yet";
  if (test >= GENERALISES) return history.fittedFirst ? "It has grokked" : "It generalises";
  const rise = history.rise(WINDOW);
  if (history.best >= GENERALISES && test < MEMORISES && rise <= NOTICED) return "It has ungrokked";
  if (train < FITS) return "It learns by heart";
  if (test < MEMORISES) return "It has memorised";
  if (Math.abs(rise) <= NOTICED) return "It generalises in part";
  return rise > 0 ? "It is grokking" : "It is ungrokking";
}

/**
 * The same with how much is right.
 * @param {History} history
 */
export function headlineOf(history) {
  // A number and its sign stay on one line.
  const [train, test] = history.now.accuracy.map((part) => percent(part).replace(" ", "\u00a0"));
  return `${stateOf(history)}: ${train} of its examples are right, ${test} of the rest.`;
}

/**
 * What the theory expects of so many examples.
 * @param {number} examples
 * @param {number} decay
 */
export function expectationOf(examples, decay) {
  const critical = criticalOf(decay);
  if (critical === null) {
    return "Without weight decay norm costs nothing, and nothing favours one way over the other.";
  }
  const size = Math.round(critical);
  const part = examples / critical;
  if (part >= BETWEEN[1]) {
    return `Above ${size} examples generalising costs less norm: with ${examples} it should grok.`;
  }
  if (part <= BETWEEN[0]) {
    return `Below ${size} examples memorising costs less norm: with ${examples} it should memorise, even after it has grokked.`;
  }
  return `At ${size} examples both cost the same norm: with ${examples} it should end in between.`;
}

/**
 * What the network answers to a sum.
 * @param {Sums} sums
 * @param {number} cell
 */
export function answerOf(sums, cell) {
  const { a, b, label } = sums.sum(cell);
  const answer = sums.snapshot.answers[cell];
  const around = a + b < MODULUS ? "" : ` modulo ${MODULUS}`;
  const verdict = answer === label ? "That is right" : `Right is ${label}`;
  const trained = sums.trained(cell) ? "is trained" : "is not trained";
  return `The network says ${a} + ${b} = ${answer}${around}. ${verdict}. It ${trained} on this sum.`;
}

/**
 * The table of sums, for who does not see it.
 * @param {Sums} sums
 */
export function tableOf({ snapshot }) {
  const [train, test] = snapshot.accuracy.map(percent);
  const { examples } = snapshot;
  return (
    `Table of all sums: ${train} of ${examples} examples are right, ` +
    `and ${test} of the ${CELLS - examples} others.`
  );
}
