import { describe, expect, it } from 'vitest';
import { translator } from '@/i18n/messages';
import { runMessages } from './messages';
import { causeText, isBeyond } from './verdicts';

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

describe('the host’s causes', () => {
  it('are told in the page’s language', () => {
    const en = translator(runMessages, 'en', 'latn');
    expect(causeText(en, 'status turns from active to inactive')).toBe('The status turns from active to inactive.');
    expect(causeText(en, 'email changes')).toBe('They come with another email.');
    const ar = translator(runMessages, 'ar', 'latn');
    expect(causeText(ar, 'missing from the export')).not.toMatch(/[a-z]/);
    expect(causeText(ar, 'external_id and email change')).toContain('external_id, email');
  });

  it('stay as they are where they are none of the usual', () => {
    expect(causeText(translator(runMessages, 'ar', 'latn'), 'something else: 3')).toBe('something else: 3');
  });
});
