import { expect, test } from 'vitest';
import { formatsOf, westernDigits } from './format';

const en = formatsOf('en', 'latn');

test('sizes are told in the unit that fits', () => {
  expect([en.bytes(0), en.bytes(999), en.bytes(1_500), en.bytes(2_000_000_000)]).toEqual([
    '0 byte',
    '999 byte',
    '1.5 kB',
    '2 GB',
  ]);
});

test('durations are told as people say them', () => {
  expect([en.duration(0), en.duration(1_400), en.duration(200_000), en.duration(7_260_000)]).toEqual([
    '0 ms',
    '1.4 secs',
    '3 mins 20 secs',
    '2 hrs 1 min',
  ]);
});

test('times are told from now', () => {
  const now = Date.parse('2026-03-14T12:00:00Z');
  expect(en.relative('2026-03-14T11:48:00Z', now)).toBe('12 minutes ago');
  expect(en.relative('2026-03-15T12:00:00Z', now)).toBe('tomorrow');
  expect(en.relative('2026-03-14T12:00:00Z', now)).toBe('now');
  expect(formatsOf('ar', 'arab').relative('2026-03-14T11:48:00Z', now)).toBe('قبل ١٢ دقيقة');
});

test('the Hijri date stands beside the other where it is chosen', () => {
  expect(formatsOf('en', 'latn', 'both').date('2026-03-14T12:00:00Z')).toMatch(/14 Mar 2026 \(.*1447/);
});

test('digits of Arabic and Persian keyboards are 0 to 9', () => {
  expect(westernDigits('٠١٢٣٤٥٦٧٨٩ ۰۱۲۳۴۵۶۷۸۹ 5')).toBe('0123456789 0123456789 5');
});
