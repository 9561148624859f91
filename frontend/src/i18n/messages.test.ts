import { describe, expect, test } from 'vitest';
import { allMessages, defineMessages, isolated, translator } from './messages';

// Every part's texts: they register themselves when their module is loaded.
const modules = import.meta.glob(
  ['../**/*messages.ts', '../components/run/{decide,failures,reasons}.ts', './domain.ts'],
  { eager: true },
);

const plural = /_(zero|one|two|few|many|other)$/;
const bases = (texts: Record<string, string>) =>
  [...new Set(Object.keys(texts).map((key) => key.replace(plural, '')))].sort();
const placeholders = (text: string) => [...new Set(text.match(/\{\{\w+\}\}/g) ?? [])].sort();

test('all parts are looked at', () => {
  expect(Object.keys(modules).length).toBeGreaterThanOrEqual(5);
  expect(allMessages.size).toBeGreaterThanOrEqual(Object.keys(modules).length - 1);
});

describe.each([...allMessages.values()])('$name', ({ en, ar }) => {
  test('has the same keys in both languages', () => {
    expect(bases(ar)).toEqual(bases(en));
  });

  test('has all forms of what is counted', () => {
    for (const base of bases(en)) {
      if (!(`${base}_other` in en)) continue;
      expect(Object.keys(en).filter((key) => key.startsWith(`${base}_`) && plural.test(key))).toEqual(
        expect.arrayContaining([`${base}_one`, `${base}_other`]),
      );
      for (const form of ['zero', 'one', 'two', 'few', 'many', 'other']) expect(ar).toHaveProperty([`${base}_${form}`]);
    }
  });

  test('leaves no text empty and drops no value', () => {
    for (const [key, text] of Object.entries(ar)) {
      expect(text.trim(), key).not.toBe('');
      const english = en[key] ?? en[key.replace(plural, '_other')];
      expect(english, key).toBeDefined();
      // Arabic says one and two by the noun itself.
      const has = placeholders(text);
      const wanted = placeholders(english ?? '');
      const spoken = plural.test(key) ? wanted.filter((name) => name !== '{{n}}' || has.includes(name)) : wanted;
      expect(has, key).toEqual(spoken);
    }
  });
});

test('a name’s marks of direction turn over nothing beside it', () => {
  const turned = isolated('invoice\u202egnp.exe', 'en');
  expect(turned).toBe('\u2068invoice\u202egnp.exe\u2069');
  // An end of an isolate inside of it would end the one around it.
  expect(isolated('a\u2069\u202eb', 'en')).toBe('\u2068a\u202eb\u2069');
  expect(isolated('plain', 'en')).toBe('plain');
});

describe('numbers and names in texts', () => {
  const messages = defineMessages(
    'test',
    { rows_one: '{{n}} row of {{name}}', rows_other: '{{n}} rows of {{name}}' },
    {
      rows_zero: 'لا صفوف في {{name}}',
      rows_one: 'صف واحد في {{name}}',
      rows_two: 'صفّان في {{name}}',
      rows_few: '{{n}} صفوف في {{name}}',
      rows_many: '{{n}} صفًّا في {{name}}',
      rows_other: '{{n}} صف في {{name}}',
    },
  );

  test.each([
    [0, 'لا صفوف'],
    [1, 'صف واحد'],
    [2, 'صفّان'],
    [3, '3 صفوف'],
    [10, '10 صفوف'],
    [11, '11 صفًّا'],
    [99, '99 صفًّا'],
    [100, '100 صف'],
    [1_000_003, '1,000,003 صفوف'],
  ])('%d takes its form in Arabic', (count, text) => {
    const shown = translator(messages, 'ar', 'latn')('rows', { count, name: 'س' });
    expect(shown.replace('٬', ',').replace('٬', ',')).toBe(`${text} في س`);
  });

  test('come with the digits that are chosen', () => {
    expect(translator(messages, 'ar', 'arab')('rows', { count: 12, name: 'س' })).toContain('١٢');
    expect(translator(messages, 'en', 'latn')('rows', { count: 1204, name: 'x' })).toBe('1,204 rows of x');
  });

  test('are set apart where they run the other way', () => {
    expect(isolated('people.csv', 'ar')).toBe('\u2068people.csv\u2069');
    expect(isolated('الموظفون', 'ar')).toBe('الموظفون');
    expect(isolated('الموظفون', 'en')).toBe('\u2068الموظفون\u2069');
    expect(isolated('people.csv', 'en')).toBe('people.csv');
  });
});
