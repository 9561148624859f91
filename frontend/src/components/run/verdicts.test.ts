import { describe, expect, it } from 'vitest';
import { translator } from '@/i18n/messages';
import { runMessages } from './messages';
import { causeText, isBeyond } from './verdicts';

const nothing = { cause: '', before: null, after: null, fields: null };
const kind = { ...nothing, kind: 'deactivate', whole: 2000, cause_code: 'absent' } as const;

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

describe('the host’s causes', () => {
  it('are told in the page’s language', () => {
    const en = translator(runMessages, 'en', 'latn');
    const status = { ...nothing, cause_code: 'status' as const, after: 'inactive' };
    expect(causeText(en, { ...status, before: 'active' })).toBe('The status turns from active to inactive.');
    expect(causeText(en, status)).toBe('The status turns from nothing to inactive.');
    expect(causeText(en, { ...nothing, cause_code: 'keys', fields: ['email'] })).toBe('They come with another email.');
    const ar = translator(runMessages, 'ar', 'latn');
    expect(causeText(ar, { ...nothing, cause_code: 'absent' })).not.toMatch(/[a-z]/);
    expect(causeText(ar, { ...nothing, cause_code: 'keys', fields: ['external_id', 'email'] })).toContain(
      'external_id, email',
    );
  });

  it('stay as they are where a run of before has no code', () => {
    const old = { ...nothing, cause: 'status turns from active to inactive', cause_code: null };
    expect(causeText(translator(runMessages, 'ar', 'latn'), old)).toBe(old.cause);
  });
});
