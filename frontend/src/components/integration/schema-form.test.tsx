import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { beforeEach, expect, test } from 'vitest';
import { usePreferences } from '@/store/preferences';
import { fieldsOf } from './schema';
import { SchemaForm, type Settings } from './schema-form';

const fields = fieldsOf({ properties: { rate: { type: 'number' }, more: { type: 'object' } } });
let settings: Settings;

function Form() {
  const [value, setValue] = useState<Settings>({ rate: 2 });
  settings = value;
  return (
    <>
      <SchemaForm fields={fields} value={value} onChange={setValue} failure={null} pointer="/settings" />
      <button type="button" onClick={() => setValue({ rate: 2 })}>
        reset
      </button>
    </>
  );
}

beforeEach(() => {
  usePreferences.getState().set({ language: 'en' });
  render(<Form />);
});

test.each([
  ['1.5', 1.5],
  ['0.05', 0.05],
  ['1.50', 1.5],
  ['٢٫٥', 2.5],
  ['two', 'two'],
  ['٢٥', 25],
])('%s can be typed letter by letter, and is kept as %s', async (text, kept) => {
  const user = userEvent.setup();
  const rate = screen.getByRole('textbox', { name: 'rate' });
  await user.clear(rate);
  await user.type(rate, text);
  expect(rate).toHaveValue(text);
  expect(settings.rate).toBe(kept);
  await user.click(screen.getByRole('button', { name: 'reset' }));
  expect(rate).toHaveValue('2');
});

test('JSON stays as it is written', async () => {
  const user = userEvent.setup();
  const more = screen.getByRole('textbox', { name: 'more' });
  await user.type(more, '{{ "a": 1 }');
  expect(more).toHaveValue('{ "a": 1 }');
  expect(settings.more).toEqual({ a: 1 });
});
