import { QueryClientProvider } from '@tanstack/react-query';
import { CircleHelp, OctagonAlert } from 'lucide-react';
import { Direction } from 'radix-ui';
import { Component, lazy, type ReactNode, Suspense } from 'react';
import { Link, Navigate, Route, Routes, unstable_HistoryRouter as HistoryRouter } from 'react-router';
import { queryClient } from '@/api/queries';
import { shellMessages } from '@/components/shell/messages';
import { Shell } from '@/components/shell/shell';
import { SignInPage } from '@/components/shell/sign-in';
import { Button } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/empty-state';
import { kitMessages } from '@/components/ui/messages';
import { TableSkeleton } from '@/components/ui/skeleton';
import { Toasts } from '@/components/ui/toast';
import { useMessages } from '@/i18n/messages';
import { appHistory } from '@/lib/leaving';
import { directionOf, usePreferences } from '@/store/preferences';
import { useSession } from '@/store/session';
import { pages, stands } from './pages';

const routes = pages.map(({ path, load }) => ({
  path,
  Page: lazy(async () => ({ default: (await load()).Page })),
}));

export function App() {
  const language = usePreferences((state) => state.language);
  const isIn = useSession((session) => session.token !== null || session.isExpired);
  return (
    <Direction.Provider dir={directionOf(language)}>
      <QueryClientProvider client={queryClient}>
        {isIn ? <Pages /> : <SignInPage />}
        <Toasts />
      </QueryClientProvider>
    </Direction.Provider>
  );
}

function Pages() {
  return (
    <HistoryRouter history={appHistory}>
      <Routes>
        <Route element={<Shell />}>
          {routes.map(({ path, Page }) => (
            <Route
              key={path}
              path={path}
              element={
                <Boundary key={path}>
                  <Suspense fallback={<TableSkeleton />}>
                    <Page />
                  </Suspense>
                </Boundary>
              }
            />
          ))}
          {!stands('/') && <Route path="/" element={<Navigate to={pages[0]?.path ?? '/'} replace />} />}
          <Route path="*" element={<NoPage />} />
        </Route>
      </Routes>
    </HistoryRouter>
  );
}

function NoPage() {
  const t = useMessages(shellMessages);
  return (
    <EmptyState isPageTitle icon={CircleHelp} title={t('notFound')} description={t('notFoundDo')}>
      <Button asChild variant="primary">
        <Link to="/">{t('home')}</Link>
      </Button>
    </EmptyState>
  );
}

/** Keeps the shell standing when a page breaks, or its chunk can't be loaded. */
class Boundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    return this.state.error === null ? this.props.children : <PageBroken error={this.state.error} />;
  }
}

function PageBroken({ error }: { error: unknown }) {
  const t = useMessages(kitMessages);
  return (
    <div role="alert">
      <EmptyState isPageTitle icon={OctagonAlert} title={t('pageBroken')} description={t('pageBrokenDo')}>
        <Button variant="primary" onClick={() => location.reload()}>
          {t('reload')}
        </Button>
      </EmptyState>
      <p dir="ltr" className="text-center font-mono text-xs text-muted-foreground">
        {error instanceof Error ? error.message : ''}
      </p>
    </div>
  );
}
