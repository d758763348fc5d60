/** What befalls the actors in a run: a story, drawn by chance, with restrictions where it hurts most. */
import type { Model } from './model.ts';
import type { Sdk } from './readers.ts';
import { EMPTY } from './redis.ts';
import {
  changeLeader,
  returns,
  rivals,
  slowStamps,
  stalled,
  takeOver,
  woken,
  type Actors,
} from './take-overs.ts';
import type { Machine } from './world.ts';

export const KEYS = 6;

type Story = (actors: Actors, atMs: number) => void;

const STORIES: readonly Story[] = [
  calm,
  rough,
  split,
  split,
  flip,
  restart,
  takeOver,
  takeOver,
  rivals,
  rivals,
  returns,
  stalled,
  woken,
  woken,
  everything,
];

/** Draws a story and its restrictions. */
export function begin(actors: Actors, lengthMs: number): void {
  const { world, settings } = actors.model;
  const { stampLifeMs: T } = settings;
  const atMs = world.between(1.5 * T, 3 * T);
  world.pick(STORIES)(actors, atMs);
  for (let key = 0; key < KEYS; key += 1) {
    // Some close after what happens, when it is not yet settled; the others anywhere.
    const isClose = world.chance(0.5);
    const whenMs = isClose ? atMs + world.between(-0.1 * T, 1.5 * T) : world.between(1.2 * T, lengthMs - T);
    world.after(whenMs, () => {
      actors.issuance.revoke(key);
      checkSoon(actors, key, [world.between(0, 1), world.between(0, 3), world.between(0, 20)]);
    });
  }
  for (const sdk of actors.sdks) keepChecking(actors.model, sdk);
}

/** Checks at the moments at which a wrong answer shows. */
export function checkSoon(
  { model: { world }, sdks }: Actors,
  key: number,
  delaysMs: readonly number[],
): void {
  for (const sdk of sdks) for (const delayMs of delaysMs) world.after(delayMs, () => sdk.verify(key));
}

function keepChecking(model: Model, sdk: Sdk): void {
  const { world, settings } = model;
  const next = (): void => {
    sdk.verify(Math.floor(world.random() * KEYS));
    world.after(world.random() * settings.stampLifeMs * 0.12, next);
  };
  world.after(world.random() * settings.stampLifeMs, next);
}

function calm(): void {
  // Nothing happens: clocks alone decide.
}

/** Delays, losses and pauses everywhere. */
function rough({ model: { world, settings } }: Actors): void {
  const { stampLifeMs: T } = settings;
  const share = world.pick([0.003, 0.01, 0.03]);
  world.weather = {
    delayed: share,
    lost: share,
    paused: share / 3,
    late: 0.1,
    longestMs: world.between(0.05, 2) * T,
  };
}

/** The replica is promoted while the primary goes on answering; who is connected stays for a while, or for ever. */
function split(actors: Actors, atMs: number): void {
  const { model, projections, authorizers } = actors;
  const { world, settings, servers } = model;
  const [a, b] = servers;
  const { stampLifeMs: T } = settings;
  slowStamps(actors, world.pick([0, 0.1, 0.3]));
  a.lagMs = world.pick([1, 50, 0.3 * T]);
  model.misled = world.pick([0, 0.2]);
  world.after(atMs, () => {
    b.promote();
    if (world.chance(0.7)) a.replica = undefined;
    model.believed = b;
  });
  for (const { machine } of [...projections, ...authorizers])
    if (world.chance(0.6)) world.after(atMs + world.random() * 2 * T, () => model.disconnect(machine));
  if (world.chance(0.6)) changeLeader(actors, atMs + world.between(-0.2, 0.5) * T);
  if (world.chance(0.4)) world.after(atMs + world.between(0.2, 2.5) * T, () => a.isPrimary && a.demote(b));
}

/** The primary becomes a replica for a moment, and has the other's data, which lag, when it is primary again. */
function flip(actors: Actors, atMs: number): void {
  const { model } = actors;
  const { world, servers, settings } = model;
  const [a, b] = servers;
  a.lagMs = world.pick([50, 300, 0.5 * settings.stampLifeMs]);
  const paused = world.pick([0, 0, 0.05]);
  world.weather = {
    delayed: world.pick([0, 0.01]),
    lost: 0,
    paused,
    late: 0,
    longestMs: 0.1 * settings.stampLifeMs,
  };
  const change = (): void => {
    if (!a.isPrimary || b.isPrimary) return;
    a.replica = undefined;
    b.promote();
    a.demote(b);
    world.after(world.pick([0.05, 0.5, 5, settings.stampLifeMs]), () => {
      if (world.chance(0.3)) return void (model.believed = b);
      a.promote();
      b.demote(a);
    });
  };
  for (let times = 0; times < 2; times += 1)
    world.after(atMs + world.between(0, 2) * settings.stampLifeMs, change);
  // Between two steps of a reader, right after the guarantee has begun to hold.
  model.onFinal = () => void (world.chance(0.5) && world.after(world.random() * 4, change));
}

/** The primary restarts with its data, with none, or with an old snapshot; or somebody empties it. */
function restart(actors: Actors, atMs: number): void {
  const { model, projections } = actors;
  const { world, servers, settings } = model;
  const [a] = servers;
  model.proxied = world.pick([0, 0.5, 1]);
  slowStamps(actors, world.pick([0, 0, 0.1]));
  const snapshotsMs = world.pick([20, 100, 500]);
  const save = (): void => {
    a.snapshot = { ...a.data };
    world.after(snapshotsMs * (0.5 + world.random()), save);
  };
  world.after(0, save);
  for (let times = 0; times < 4; times += 1)
    world.after(atMs + world.between(0, 2) * settings.stampLifeMs, () => {
      if (world.chance(0.15)) a.data = { ...EMPTY };
      else a.restart(world.pick([a.data, EMPTY, a.snapshot, a.snapshot, a.snapshot]));
      if (world.chance(0.3)) model.disconnect(world.pick(projections).machine);
    });
}

/** Everything at random. */
function everything(actors: Actors, atMs: number): void {
  const { model, projections, authorizers, sdks, issuance } = actors;
  const { world, settings } = model;
  for (const story of [rough, split, restart, takeOver]) if (world.chance(0.5)) story(actors, atMs);
  const processes: readonly { machine: Machine; start(): void }[] = [
    ...projections,
    ...authorizers,
    ...sdks,
    issuance,
  ];
  for (let times = 0; times < 8; times += 1)
    world.after(atMs + world.between(-0.5, 3) * settings.stampLifeMs, () => {
      const one = world.pick(processes);
      const pauseMs = world.between(0, 1.5) * settings.stampLifeMs;
      if (world.chance(0.5)) one.start();
      else one.machine.pausedUntil = world.now + pauseMs;
    });
}
