/** Stories of the lease: how it may change hands, and what goes wrong about it. */
import type { Issuance } from './issuance.ts';
import type { Model } from './model.ts';
import type { Projection } from './projection.ts';
import type { Authorizer, Sdk } from './readers.ts';

export interface Actors {
  model: Model;
  projections: readonly Projection[];
  authorizers: readonly Authorizer[];
  sdks: readonly Sdk[];
  issuance: Issuance;
}

/** Stamps that are long on their way, in the network or in a paused projection. */
export function slowStamps({ model: { world, settings } }: Actors, late: number): void {
  const longestMs = world.between(0.5, 3) * settings.stampLifeMs;
  world.weather = { delayed: world.pick([0, 0.002]), lost: 0, paused: 0, late, longestMs };
}

/** The lease changes hands, in all the ways in which it may, and the new session may write elsewhere. */
export function takeOver(actors: Actors, atMs: number): void {
  const { model } = actors;
  const { world, servers, settings } = model;
  const [a, b] = servers;
  const { stampLifeMs: T } = settings;
  slowStamps(actors, world.pick([0, 0.1, 0.3]));
  model.misled = world.pick([0, 0, 0.5]);
  a.lagMs = world.pick([1, 50, 0.3 * T]);
  const everMs = world.pick([1, 1, 2]);
  for (let times = 0; times < everMs; times += 1)
    changeLeader(actors, atMs + times * world.between(1, 2) * T);
  if (world.chance(0.7))
    world.after(atMs + world.between(-0.3, 0.6) * T, () => {
      b.promote();
      model.believed = b;
      a.replica = undefined;
    });
}

/** The active one is cut off from the lease, paused, goes on; the other writes elsewhere, and hears no news. */
export function rivals(actors: Actors, atMs: number): void {
  const { model, projections, authorizers, issuance } = actors;
  const { world, settings, servers } = model;
  const [a, b] = servers;
  const { stampLifeMs: T, leaseLifeMs: L } = settings;
  slowStamps(actors, world.pick([0, 0.2, 0.5]));
  world.after(atMs, () => {
    b.promote();
    a.replica = undefined;
    model.believed = b;
    for (const { machine } of authorizers) if (world.chance(0.5)) model.disconnect(machine);
    const active = projections.find(({ isActive }) => isActive);
    const other = projections.find((one) => one !== active);
    if (!active || !other) return;
    if (world.chance(0.5)) model.slowLease.add(active.machine);
    else model.cutOff.add(active.machine);
    const pausesInMs = world.random() * 1.2 * L;
    const forMs = world.chance(0.5) ? world.between(0.1, 1) * L : L + world.between(0.5, 1.8) * T;
    if (world.chance(0.5))
      world.after(pausesInMs, () => {
        active.machine.pausedUntil = world.now + forMs;
        if (world.chance(0.7)) world.after(forMs + world.between(-0.2, 0.2) * L, () => issuance.revoke(0));
      });
    model.onTakeOver = () => {
      const isDeaf = world.chance(0.7);
      world.after(world.between(0.5, 5), () => isDeaf && model.deaf.add(other.machine));
      if (world.chance(0.7)) world.after(world.random() * 0.4 * L, () => issuance.revoke(1));
    };
  });
}

/** Replies to readers are held up while the last stamps are written; then the lease is handed over. */
export function stalled(actors: Actors, atMs: number): void {
  const { model, projections, authorizers, issuance } = actors;
  const { world, settings, servers } = model;
  const { stampLifeMs: T } = settings;
  slowStamps(actors, 0.3);
  world.weather.longestMs = 0.2 * T;
  world.after(atMs, () => {
    servers[1].promote();
    servers[0].replica = undefined;
    model.believed = servers[1];
    for (const { machine } of authorizers) model.stall(machine, world.between(0.1, 0.29) * T);
    model.onTakeOver = () => issuance.revoke(0);
    world.after(world.random() * 0.28 * T, () => projections.find(({ isActive }) => isActive)?.handOver());
  });
}

/** A stamp is long on its way while its sender sleeps, which goes on when another has long begun. */
export function woken(actors: Actors, atMs: number): void {
  const { model, projections, authorizers, issuance } = actors;
  const { world, settings, servers } = model;
  const { stampLifeMs: T, leaseLifeMs: L } = settings;
  world.after(atMs, () => {
    const active = projections.find(({ isActive }) => isActive);
    if (!active) return;
    servers[1].promote();
    servers[0].replica = undefined;
    model.believed = servers[1];
    model.cutOff.add(active.machine);
    const { weather } = world;
    world.weather = { ...weather, late: 1, longestMs: L + 2 * T };
    world.after(0.25 * T, () => (world.weather = weather));
    world.after(world.between(0.25 * T, L), () => {
      active.machine.pausedUntil = world.now + L + world.between(0.9, 1.8) * T;
    });
    for (const { machine } of authorizers) if (world.chance(0.3)) model.disconnect(machine);
    model.onTakeOver = () => issuance.revoke(0);
  });
}

/** The active one loses the lease, hears no news, and has the lease again when another has confirmed elsewhere. */
export function returns(actors: Actors, atMs: number): void {
  const { model, projections, issuance } = actors;
  const { world, settings, servers } = model;
  const { stampLifeMs: T, leaseLifeMs: L } = settings;
  world.after(atMs, () => {
    const active = projections.find(({ isActive }) => isActive);
    const other = projections.find((one) => one !== active);
    if (!active || !other) return;
    model.deaf.add(active.machine);
    model.cutOff.add(active.machine);
    servers[1].promote();
    servers[0].replica = undefined;
    model.believed = servers[1];
    world.after(world.random() * L, () => issuance.revoke(0));
    const backMs = 1.3 * L + world.between(1.1, 1.6) * T;
    world.after(backMs, () => {
      model.cutOff.delete(active.machine);
      if (world.chance(0.5)) model.believed = servers[0];
      if (world.chance(0.5)) other.handOver();
      else model.cutOff.add(other.machine);
    });
  });
}

export function changeLeader({ model, projections }: Actors, atMs: number): void {
  const { world, settings } = model;
  const { stampLifeMs: T, leaseLifeMs: L } = settings;
  const how = world.pick([
    'pause',
    'cut off',
    'cut off',
    'restart',
    'hand over',
    'hand over',
    'pause in the message',
  ]);
  world.after(atMs, () => {
    const active = projections.find(({ isActive }) => isActive);
    if (!active) return;
    const { machine } = active;
    world.say(() => `${machine.name}: ${how}`);
    if (how === 'pause') machine.pausedUntil = world.now + L + world.between(0, 2) * T;
    else if (how === 'restart') active.start();
    else if (how === 'hand over') active.handOver();
    else if (how === 'cut off') {
      model.cutOff.add(machine);
      world.after(L + world.between(0.3, 2.5) * T, () => model.cutOff.delete(machine));
    } else {
      const { weather } = world;
      world.weather = { ...weather, late: 1, longestMs: 3 * T };
      world.after(0.3 * T, () => (world.weather = weather));
      active.handOver();
    }
  });
}
