import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { usePreferences } from '@/store/preferences';
import { Loaded } from './loaded';

beforeEach(() => usePreferences.getState().set({ language: 'en' }));

const problem = {
  status: 503,
  code: 'busy',
  detail: 'The database is busy.',
  request_id: 'r-9',
  type: 'x',
  title: 'x',
};

function show(ask: () => Promise<string[]>) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const Page = () => {
    const query = useQuery({ queryKey: ['x'], queryFn: ask });
    return (
      <>
        <button type="button" onClick={() => void query.refetch()}>
          refresh
        </button>
        <Loaded query={query} skeleton={<p>coming</p>} isEmpty={(items) => items.length === 0} empty={<p>nothing</p>}>
          {(items) => <p>{items.join()}</p>}
        </Loaded>
      </>
    );
  };
  render(
    <QueryClientProvider client={client}>
      <Page />
    </QueryClientProvider>,
  );
}

test('shows what will come, then what came', async () => {
  show(async () => ['a', 'b']);
  expect(screen.getByText('coming')).toBeInTheDocument();
  await screen.findByText('a,b');
});

test('says that there is nothing', async () => {
  show(async () => []);
  await screen.findByText('nothing');
});

test('says what failed, what to do and which request it was, and tries again', async () => {
  const ask = vi.fn<() => Promise<string[]>>().mockRejectedValueOnce(problem).mockResolvedValueOnce(['a']);
  show(ask);
  const alert = await screen.findByRole('alert');
  expect(alert).toHaveTextContent('TrainFlow can’t do this just now');
  expect(alert).toHaveTextContent('The database is busy.');
  expect(alert).toHaveTextContent('r-9');
  await userEvent.setup().click(screen.getByRole('button', { name: 'Try again' }));
  await screen.findByText('a');
});

test('keeps what was there when it can’t be refreshed, and says since when', async () => {
  const ask = vi.fn<() => Promise<string[]>>().mockResolvedValueOnce(['a']).mockRejectedValueOnce(problem);
  show(ask);
  await screen.findByText('a');
  await userEvent.setup().click(screen.getByRole('button', { name: 'refresh' }));
  await screen.findByText(/Shown as it was/);
  expect(screen.getByText('a')).toBeInTheDocument();
  expect(screen.getByText(/The database is busy/)).toBeInTheDocument();
});

test('says it in Arabic too', async () => {
  usePreferences.getState().set({ language: 'ar' });
  show(async () => Promise.reject(problem));
  expect(await screen.findByRole('alert')).toHaveTextContent('لا يستطيع TrainFlow تنفيذ ذلك الآن');
});
