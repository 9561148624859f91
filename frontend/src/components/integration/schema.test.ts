import { describe, expect, test } from 'vitest';
import { fieldsOf, shownAs, settingOf } from './schema';

const fields = fieldsOf({
  type: 'object',
  required: ['host'],
  properties: {
    port: { type: 'integer', default: 5432, minimum: 1 },
    host: { type: 'string', description: 'Where it is.' },
    mode: { enum: ['a', 'b'] },
    strict: { type: 'boolean' },
    more: { type: 'object' },
  },
});
const field = (name: string) => {
  const found = fields.find((item) => item.name === name);
  if (!found) throw new Error(name);
  return found;
};

describe('fields of a schema', () => {
  test('stand with what is required first', () => {
    expect(fields.map(({ name, kind }) => [name, kind])).toEqual([
      ['host', 'text'],
      ['port', 'number'],
      ['mode', 'choice'],
      ['strict', 'boolean'],
      ['more', 'json'],
    ]);
    expect(field('port')).toMatchObject({ usual: '5432', minimum: 1, isRequired: false });
  });

  test('of something else are none', () => {
    expect(fieldsOf(null)).toEqual([]);
    expect(fieldsOf({ type: 'object' })).toEqual([]);
  });

  test('give values of their kind, and leave out what is empty', () => {
    expect(settingOf(field('port'), '80')).toBe(80);
    expect(settingOf(field('port'), '')).toBeUndefined();
    expect(settingOf(field('port'), 'eighty')).toBe('eighty');
    expect(settingOf(field('strict'), 'false')).toBe(false);
    expect(settingOf(field('more'), '{"a":1}')).toEqual({ a: 1 });
    expect(settingOf(field('more'), '{"a":')).toBe('{"a":');
    expect(settingOf(field('host'), '007')).toBe('007');
  });

  test('are shown as they were typed', () => {
    expect([shownAs(undefined), shownAs('x'), shownAs(5), shownAs(false), shownAs({ a: 1 })]).toEqual([
      '',
      'x',
      '5',
      'false',
      '{"a":1}',
    ]);
  });
});
