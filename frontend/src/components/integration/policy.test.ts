import { describe, expect, test } from 'vitest';
import { allowed, guardOf, leaversOf, usualGuard, withGuard, withLeavers } from './policy';

describe('a policy', () => {
  test('says the usual where it says nothing', () => {
    expect(guardOf({})).toEqual(usualGuard);
    expect(leaversOf({})).toBe('ignore');
    expect(guardOf({ guard: { deactivate: { percent: 7 } } }).deactivate).toEqual({ percent: 7, absolute: 10 });
  });

  test('keeps what the page doesn’t know', () => {
    const policy = { match: ['email'], guard: { later: 1 }, leavers: { action: 'ignore', grace_days: 3 } };
    expect(withGuard(policy, usualGuard)).toEqual({ ...policy, guard: { later: 1, ...usualGuard } });
    expect(withLeavers(policy, 'suspend').leavers).toEqual({ action: 'suspend', grace_days: 3 });
  });
});

// As GuardLimits.limit(_:of:) counts.
test.each([
  [{ percent: 5, absolute: 10 }, 1204, 60],
  [{ percent: 5, absolute: 10 }, 100, 10],
  [{ percent: 5, absolute: 10 }, 12, 6],
  [{ percent: 5, absolute: 10 }, 1, 1],
  [{ percent: 0, absolute: 0 }, 500, 0],
  [{ percent: 100, absolute: 0 }, 500, null],
])('%o of %i people allows %s', (limit, population, most) => {
  expect(allowed(limit, population, 20)).toBe(most);
});
