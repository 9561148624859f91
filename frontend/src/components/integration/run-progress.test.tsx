import { render, screen } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import type { Run } from '@/api/generated/types.gen';
import { usePreferences } from '@/store/preferences';
import { RunProgress } from './run-progress';

beforeEach(() => usePreferences.getState().set({ language: 'en' }));

const at = (done: number) =>
  ({
    state: 'running',
    counts: { read: done, rejected: 0 },
    progress: { done, total: 100 },
    guard: null,
  }) as unknown as Run;

test('who hears it is told in tenths, who sees it each time', () => {
  const { rerender } = render(<RunProgress run={at(12)} isLive />);
  expect(screen.getByRole('status')).toHaveTextContent(/^10%$/);
  expect(screen.getByText('12 rows · 12%')).toBeInTheDocument();
  rerender(<RunProgress run={at(19)} isLive />);
  expect(screen.getByRole('status')).toHaveTextContent(/^10%$/);
  rerender(<RunProgress run={at(31)} isLive />);
  expect(screen.getByRole('status')).toHaveTextContent(/^30%$/);
  rerender(<RunProgress run={at(31)} isLive={false} />);
  expect(screen.getByRole('status')).toHaveTextContent('The connection broke off');
});
