import { describe, expect, it } from 'vitest';
import { isBeyond } from './verdicts';

const kind = { kind: 'deactivate', whole: 2000, cause: 'missing from the export' } as const;

describe('what is beyond its limit', () => {
  it('is more than the limit by itself', () => {
    expect(isBeyond({ ...kind, count: 100, earlier: 0, limit: 100 })).toBe(false);
    expect(isBeyond({ ...kind, count: 101, earlier: 0, limit: 100 })).toBe(true);
  });

  it('is more than the limit together with the runs before', () => {
    expect(isBeyond({ ...kind, count: 1, earlier: 100, limit: 100 })).toBe(true);
  });

  it('is nothing where there is no limit', () => {
    expect(isBeyond({ ...kind, count: 2000, earlier: 2000, limit: null })).toBe(false);
  });
});
