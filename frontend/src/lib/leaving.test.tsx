import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { unstable_HistoryRouter as HistoryRouter, Link, Route, Routes } from 'react-router';
import { beforeEach, expect, test } from 'vitest';
import { UnsavedGuard } from '@/components/ui/unsaved-guard';
import { usePreferences } from '@/store/preferences';
import { appHistory } from './leaving';
import { useSearchState } from './search-state';

/** Something unsaved of its own, inside of a page that has more. */
function Part() {
  const [isBusy, setBusy] = useState(true);
  return (
    <>
      <UnsavedGuard when={isBusy} detail="The part is busy." />
      <button type="button" onClick={() => setBusy(false)}>
        end
      </button>
    </>
  );
}

function Form() {
  const [tab, setTab] = useSearchState('tab', 'first');
  const [filter, setFilter] = useSearchState('filter', '');
  const both = () => {
    setTab('second');
    setFilter('x');
  };
  return (
    <>
      <p>{`tab ${tab} filter ${filter}`}</p>
      <button type="button" onClick={both}>
        both
      </button>
      <button type="button" onClick={() => void answered.then(() => setTab('second'))}>
        late
      </button>
      <Link to="/away">away</Link>
      <UnsavedGuard when />
      <Part />
    </>
  );
}

let answer: () => void;
let answered: Promise<void>;

beforeEach(() => {
  answered = new Promise((resolve) => {
    answer = resolve;
  });
  usePreferences.getState().set({ language: 'en' });
  appHistory.replace('/away');
  appHistory.push('/form');
  render(
    <HistoryRouter history={appHistory}>
      <Routes>
        <Route path="/form" element={<Form />} />
        <Route path="/away" element={<p>elsewhere</p>} />
      </Routes>
    </HistoryRouter>,
  );
});

const question = () => screen.findByRole('alertdialog', { name: 'Leave without saving?' });

test('a page with unsaved work asks before a link leads away', async () => {
  const user = userEvent.setup();
  await user.click(screen.getByRole('link', { name: 'away' }));
  await question();
  await user.click(screen.getByRole('button', { name: 'Stay here' }));
  await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
  expect(location.pathname).toBe('/form');
  await user.click(screen.getByRole('link', { name: 'away' }));
  await question();
  await user.click(screen.getByRole('button', { name: 'Leave without saving' }));
  await screen.findByText('elsewhere');
});

test('and before Back does', async () => {
  const user = userEvent.setup();
  history.back();
  await question();
  expect(screen.getByText(/tab first/)).toBeInTheDocument();
  await waitFor(() => expect(location.pathname).toBe('/form'));
  await user.click(screen.getByRole('button', { name: 'Leave without saving' }));
  await screen.findByText('elsewhere');
  expect(location.pathname).toBe('/away');
});

test('tabs and filters are no leaving, and several may be set at once', async () => {
  await userEvent.setup().click(screen.getByRole('button', { name: 'both' }));
  await screen.findByText('tab second filter x');
  expect(location.search).toBe('?tab=second&filter=x');
  expect(screen.queryByRole('alertdialog')).toBeNull();
});

test('a part that is saved meanwhile leaves the question of the rest', async () => {
  const user = userEvent.setup();
  await user.click(screen.getByRole('link', { name: 'away' }));
  await question();
  expect(screen.getByText('The part is busy.')).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Stay here' }));
  await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
  await user.click(screen.getByRole('button', { name: 'end' }));
  await user.click(screen.getByRole('link', { name: 'away' }));
  await question();
  expect(screen.getByText('What you changed here is not saved.')).toBeInTheDocument();
});

test('what is answered after the page was left moves nobody', async () => {
  const user = userEvent.setup();
  const late = screen.getByRole('button', { name: 'late' });
  await user.click(late);
  await user.click(screen.getByRole('link', { name: 'away' }));
  await question();
  await user.click(screen.getByRole('button', { name: 'Leave without saving' }));
  await screen.findByText('elsewhere');
  answer();
  await new Promise((resolve) => setTimeout(resolve));
  expect(location.pathname + location.search).toBe('/away');
});
