import { describe, expect, test } from 'vitest';
import { differencesOf, isSame, lineOf, moved, newRow } from './rows';
import { attributeName } from './targets';

const row = (target: string, transform = '') =>
  newRow('people.csv', 'users', { source: `${target}_source`, target, transform });

describe('rows of a mapping', () => {
  test('are the same if they say the same, whatever their keys and ids', () => {
    const [left, right] = [row('email', 'trim'), row('email', 'trim')];
    expect(isSame([left], [{ ...right, id: '1' }])).toBe(true);
    expect(isSame([left], [{ ...right, transform: 'lower' }])).toBe(false);
    expect(isSame([left], [left, right])).toBe(false);
  });

  test('send no function where there is only space', () => {
    expect(lineOf(row('email', '  ')).transform_function).toBeNull();
  });

  test('move to the place of another, down and up', () => {
    const rows = [row('a'), row('b'), row('c')];
    const [a, b, c] = rows.map(({ key }) => key);
    expect(moved(rows, a ?? '', c ?? '').map(({ key }) => key)).toEqual([b, c, a]);
    expect(moved(rows, c ?? '', a ?? '').map(({ key }) => key)).toEqual([c, a, b]);
    expect(moved(rows, 'gone', a ?? '').map(({ key }) => key)).toEqual([a, b, c]);
  });

  test('differ by target: changed, added, taken out', () => {
    const found = differencesOf([row('email', 'trim'), row('phone')], [row('email', 'lower'), row('country')]);
    expect(found.map(({ name }) => name)).toEqual(['people.csv → email', 'people.csv → phone', 'people.csv → country']);
    expect(found[1]).toMatchObject({ theirs: 'phone_source', mine: '—' });
  });
});

test.each([
  ['Cost Centre', 'cost_centre'],
  ['2nd phone', 'nd_phone'],
  ['الجوال', 'field'],
])('an attribute of %s is called %s', (text, name) => {
  expect(attributeName(text)).toBe(name);
});
