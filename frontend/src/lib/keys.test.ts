import { expect, test } from 'vitest';
import { isKey } from './keys';

test.each([
  ['k', 'KeyK', true],
  ['K', 'KeyK', true],
  ['ن', 'KeyK', true],
  // Dvorak has its K elsewhere, and another letter where K is.
  ['k', 'KeyV', true],
  ['t', 'KeyK', false],
  ['م', 'KeyL', false],
])('%s on %s is k: %s', (key, code, is) => expect(isKey({ key, code }, 'k')).toBe(is));

test('a digit is one by its place too', () => {
  expect(isKey({ key: '١', code: 'Digit1' }, '1')).toBe(true);
  expect(isKey({ key: '&', code: 'Digit1' }, '1')).toBe(true);
  expect(isKey({ key: '2', code: 'Numpad2' }, '2')).toBe(true);
});
