/** What of a policy the page edits; the rest stays as it is. */
export interface Guard {
  deactivate: Limit;
  unenrol: Limit;
  key_change: Limit;
  shrink_percent: number;
  minimum_population: number;
  window_hours: number;
}
export interface Limit {
  percent: number;
  absolute: number;
}
export type GuardedKind = 'deactivate' | 'unenrol' | 'key_change';
export type Leavers = 'ignore' | 'suspend';

export const guardedKinds: readonly GuardedKind[] = ['deactivate', 'unenrol', 'key_change'];

/** What the host takes where a policy says nothing: docs/safe-changes.md. */
export const usualGuard: Guard = {
  deactivate: { percent: 5, absolute: 10 },
  unenrol: { percent: 10, absolute: 25 },
  key_change: { percent: 2, absolute: 10 },
  shrink_percent: 20,
  minimum_population: 20,
  window_hours: 20,
};

export type Policy = Record<string, unknown>;

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const number = (value: unknown, usual: number): number => (typeof value === 'number' ? value : usual);

export function guardOf(policy: Policy): Guard {
  const guard = record(policy.guard);
  const limit = (kind: GuardedKind): Limit => {
    const said = record(guard[kind]);
    return {
      percent: number(said.percent, usualGuard[kind].percent),
      absolute: number(said.absolute, usualGuard[kind].absolute),
    };
  };
  return {
    deactivate: limit('deactivate'),
    unenrol: limit('unenrol'),
    key_change: limit('key_change'),
    shrink_percent: number(guard.shrink_percent, usualGuard.shrink_percent),
    minimum_population: number(guard.minimum_population, usualGuard.minimum_population),
    window_hours: number(guard.window_hours, usualGuard.window_hours),
  };
}

export const leaversOf = (policy: Policy): Leavers =>
  record(policy.leavers).action === 'suspend' ? 'suspend' : 'ignore';

export const withGuard = (policy: Policy, guard: Guard): Policy => ({
  ...policy,
  // What a later host knows and this page doesn't stays.
  guard: { ...record(policy.guard), ...guard },
});

export const withLeavers = (policy: Policy, action: Leavers): Policy => ({
  ...policy,
  leavers: { ...record(policy.leavers), action },
});

/**
 * How many rows may be hit at once: the greater of share and count; of a small population never more than half of it,
 * and one. Null for any number. Sources/Changes/GuardLimits.swift decides; this says it beforehand.
 */
export function allowed({ percent, absolute }: Limit, population: number, minimum: number): number | null {
  if (percent >= 100) return null;
  const most = Math.max(Math.floor((population * percent) / 100), absolute);
  return population < minimum ? Math.min(most, Math.max(1, Math.floor(population / 2))) : most;
}
