import { act, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { usePreferences } from '@/store/preferences';
import { Toasts, toast } from './toast';

beforeEach(() => {
  vi.useFakeTimers();
  usePreferences.getState().set({ language: 'en' });
  render(<Toasts />);
});
afterEach(() => {
  for (const button of screen.queryAllByRole('button', { name: 'Close' })) fireEvent.click(button);
  vi.useRealTimers();
});

test('what was done is told for a while, and for longer while the pointer is on it', () => {
  act(() => toast.done('Saved.', { label: 'Undo', act: () => {} }));
  fireEvent.pointerEnter(screen.getByText('Saved.'));
  act(() => vi.advanceTimersByTime(25_000));
  expect(screen.getByText('Saved.')).toBeInTheDocument();
  fireEvent.pointerLeave(screen.getByText('Saved.'));
  act(() => vi.advanceTimersByTime(12_000));
  expect(screen.queryByText('Saved.')).toBeNull();
});

test('a failure is pushed out by nothing that went well', () => {
  act(() => toast.failed('It was not saved', new Error('no')));
  for (const text of ['one', 'two', 'three']) act(() => toast.done(text));
  expect(screen.getByText('It was not saved')).toBeInTheDocument();
  expect(screen.queryByText('one')).toBeNull();
  expect(screen.getByText('three')).toBeInTheDocument();
});
