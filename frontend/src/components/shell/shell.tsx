import { CloudOff, Menu as MenuIcon, Search } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { NavLink, Outlet, useLocation, useNavigationType } from 'react-router';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { useMessages } from '@/i18n/messages';
import { focusContent } from '@/lib/focus';
import { useFormats } from '@/lib/format';
import { isKey } from '@/lib/keys';
import { navigation } from '@/pages';
import { useConnection } from '@/store/connection';
import { useSession } from '@/store/session';
import { AccountMenu } from './account-menu';
import { LanguageSwitcher } from './language-switcher';
import { Mark } from './mark';
import { shellMessages } from './messages';
import { Key, Shortcuts } from './shortcuts';
import { SignInAgain } from './sign-in';
import { ThemeSwitcher } from './theme-switcher';

const FindDialog = lazy(() => import('./find-dialog'));
const NeedsYou = lazy(() => import('./needs-you'));

/** What stands around every page: navigation, bar, and what holds for all of them. */
export function Shell() {
  const t = useMessages(shellMessages);
  const { pathname } = useLocation();
  const move = useNavigationType();
  const [isMenuOpen, setMenuOpen] = useState(false);
  const here = useRef(pathname);
  useEffect(() => {
    if (here.current === pathname) return;
    here.current = pathname;
    setMenuOpen(false);
    focusContent();
    if (move === 'PUSH') window.scrollTo(0, 0);
  }, [pathname, move]);
  return (
    <div className="min-h-dvh md:grid md:grid-cols-[15rem_minmax(0,1fr)]">
      {/* biome-ignore lint/a11y/useValidAnchor: it leads there, by hand: the browser would put a step into its history that leads nowhere */}
      <a
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          focusContent();
        }}
        className="sr-only focus-visible:not-sr-only focus-visible:fixed focus-visible:start-3 focus-visible:top-3 focus-visible:z-50 focus-visible:rounded-lg focus-visible:bg-primary focus-visible:px-4 focus-visible:py-2 focus-visible:text-primary-foreground"
      >
        {t('skip')}
      </a>
      <aside className="sticky top-0 hidden h-dvh flex-col gap-4 border-e bg-card p-3 md:flex">
        <div className="px-2 pt-1">
          <Mark>
            <Tenant />
          </Mark>
        </div>
        <Navigation />
      </aside>
      <div className="flex min-h-dvh min-w-0 flex-col">
        <header className="sticky top-0 z-30 flex h-14 items-center gap-1 border-b bg-card px-3 md:px-6">
          <Dialog
            shape="sheet"
            open={isMenuOpen}
            onOpenChange={setMenuOpen}
            title={t('navigation')}
            trigger={
              <Button variant="ghost" size="icon" className="md:hidden" aria-label={t('menu')}>
                <MenuIcon aria-hidden />
              </Button>
            }
          >
            <Navigation />
          </Dialog>
          <Find />
          <div className="ms-auto flex items-center gap-1">
            <LanguageSwitcher />
            <ThemeSwitcher />
            <AccountMenu />
          </div>
        </header>
        <Offline />
        <main id="content" tabIndex={-1} className="mx-auto w-full max-w-[92rem] flex-1 px-4 py-6 outline-none md:px-6">
          <Outlet />
        </main>
      </div>
      <Shortcuts />
      <SignInAgain />
    </div>
  );
}

function Tenant() {
  const t = useMessages(shellMessages);
  const tenant = useSession((session) => session.holder?.tenant ?? '');
  return (
    <span className="truncate text-xs text-muted-foreground" title={`${t('tenant')}: ${tenant}`}>
      <bdi dir="ltr">{tenant.slice(-12)}</bdi>
    </span>
  );
}

function Navigation() {
  const t = useMessages(shellMessages);
  return (
    <nav aria-label={t('navigation')}>
      <ul className="flex flex-col gap-0.5">
        {navigation.map(({ path, nav }) => (
          <li key={path}>
            <NavLink
              to={path}
              end={path === '/'}
              className="flex h-9 items-center gap-3 rounded-lg px-2.5 text-muted-foreground hover:bg-accent hover:text-foreground aria-[current=page]:bg-muted aria-[current=page]:font-medium aria-[current=page]:text-foreground"
            >
              {nav && <nav.icon className="size-4" aria-hidden />}
              {nav && t(nav.label)}
              {path === '/' && (
                <Suspense>
                  <NeedsYou />
                </Suspense>
              )}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Find() {
  const t = useMessages(shellMessages);
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!isKey(event, 'k') || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setOpen(true);
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
  return (
    <>
      <Button
        className="w-9 justify-start px-2.5 font-normal text-muted-foreground sm:w-72 lg:w-96"
        aria-keyshortcuts="Control+K Meta+K"
        onClick={() => setOpen(true)}
      >
        <Search aria-hidden />
        <span className="truncate max-sm:sr-only">{t('find')}</span>
        <span dir="ltr" className="ms-auto flex gap-1 max-sm:hidden" aria-hidden>
          <Key>Ctrl</Key>
          <Key>K</Key>
        </span>
      </Button>
      {isOpen && (
        <Suspense>
          <FindDialog close={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

function Offline() {
  const t = useMessages(shellMessages);
  const format = useFormats();
  const lostAt = useConnection((state) => state.lostAt);
  return (
    <div role="status">
      {lostAt !== null && (
        <p className="flex items-center gap-2.5 border-b bg-warning-soft px-4 py-2 text-warning md:px-6">
          <CloudOff className="size-4 shrink-0" aria-hidden />
          {t('offline', { when: format.time(lostAt) })}
        </p>
      )}
    </div>
  );
}
