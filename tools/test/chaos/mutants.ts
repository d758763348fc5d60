/** Protections that can be taken away, one at a time: what a run must then find. */
import type { FaultMix } from './faults.ts';

/** One text in one compiled file is replaced while it is loaded. */
export interface Mutation {
  /** How the file's path ends. */
  file: string;
  find: string;
  replace: string;
}

export interface Mutant {
  name: string;
  /** What it takes away. */
  protection: string;
  mutations: readonly Mutation[];
  faults: FaultMix;
  /** Hints may be lost, and nothing may rest on them: without them what they hide shows. */
  withoutHints?: boolean;
  /** Other times than usual, where they make the window wider that the protection closes. */
  settings?: Readonly<Record<string, string>>;
  /** Members who come and go; none by default. */
  people?: number;
}

const FRESHNESS = 'contracts/dist/freshness.js';

export const NO_HINTS: Mutation = {
  file: 'projection/dist/hints.js',
  find: 'export function publishHint(',
  replace: 'export function publishHint() {}\nfunction silent(',
};

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'no-final-wait',
    protection: 'a restriction waits Δ after it was confirmed',
    mutations: [
      {
        file: FRESHNESS,
        find: 'export function finalWaitMs({ deltaMs }) {',
        replace: 'export function finalWaitMs({ deltaMs }) {\n    return 0;',
      },
    ],
    faults: {},
    withoutHints: true,
  },
  {
    name: 'no-confirmation',
    protection: 'a restriction is confirmed by the projection',
    mutations: [
      {
        file: 'issuance/dist/confirmation.js',
        find: 'async confirmFinal(position, requestId) {',
        replace:
          'async confirmFinal(position, requestId) {\n        return delay(finalWaitMs(this.settings));',
      },
    ],
    faults: { 'pause-projection': 1 },
  },
  {
    name: 'confirm-young-session',
    protection: 'a session confirms nothing before it is T old',
    mutations: [
      {
        file: FRESHNESS,
        find: 'return leaseHeld && nowMs - sessionBeganAtMs >= finalAfterMs(settings);',
        replace: 'return leaseHeld;',
      },
    ],
    faults: { promotion: 1 },
    // A session takes up to a second to begin again; the stamps of the one before must be believed for longer.
    settings: { STAMP_LIFE_MS: '4000' },
  },
  {
    name: 'trust-for-ever',
    protection: 'trust in a connection runs out T after its anchor',
    mutations: [
      {
        file: FRESHNESS,
        find: 'NEVER : this.#anchorAtMs + this.#stampLifeMs;',
        replace: 'NEVER : Number.POSITIVE_INFINITY;',
      },
    ],
    faults: { split: 1 },
  },
  {
    name: 'no-trust-at-all',
    protection: 'a data set is trusted only while it is stamped',
    mutations: [
      {
        file: FRESHNESS,
        find: 'return Math.max(ownUntilMs, this.#carriedUntilMs);',
        replace: 'return Number.POSITIVE_INFINITY;',
      },
    ],
    faults: { 'redis-snapshot': 1 },
  },
  {
    name: 'read-of-any-age',
    protection: 'a VALID rests on a read that began at most Δ before',
    mutations: [
      {
        file: FRESHNESS,
        find: '? readBeganAtMs + deltaMs : NEVER;',
        replace: '? readBeganAtMs + 10 * deltaMs : NEVER;',
      },
    ],
    faults: {},
    withoutHints: true,
  },
  {
    name: 'a-hit-extends',
    protection: 'freshForMs is what is left of Δ since the read began',
    mutations: [
      {
        file: FRESHNESS,
        find: 'settings) - nowMs));',
        replace: 'settings) - nowMs) + 2 * settings.deltaMs);',
      },
    ],
    faults: {},
    withoutHints: true,
  },
  {
    name: 'reuse-ten-times-as-long',
    protection: 'an SDK reuses an answer for freshForMs, from its own sending',
    mutations: [
      {
        file: FRESHNESS,
        find: '? sentAtMs + freshForMs : NEVER;',
        replace: '? sentAtMs + 10 * freshForMs : NEVER;',
      },
    ],
    faults: {},
    withoutHints: true,
  },
  {
    name: 'keys-outlive-their-maker',
    protection: 'a demotion ends the keys that the member made, where the policy says so',
    mutations: [
      {
        file: 'issuance/dist/organization/member-handlers.js',
        find: "policy.onMakerLoss === 'revoke'",
        replace: "policy.onMakerLoss === 'never'",
      },
    ],
    faults: {},
    people: 1,
  },
];
