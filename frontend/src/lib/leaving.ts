import { useEffect, useState } from 'react';
import {
  UNSAFE_createBrowserHistory as createBrowserHistory,
  type unstable_HistoryRouter as HistoryRouter,
  type To,
} from 'react-router';

type History = Parameters<typeof HistoryRouter>[0]['history'];

/** A move away from the page that waits until the person has answered. */
export interface HeldMove {
  go: () => void;
  stay: () => void;
}

interface Guard {
  asksBefore: (path: string) => boolean;
  tell: (move: HeldMove | null) => void;
}

/** Of all that is unsaved on the page; the newest asks first. */
let guards: readonly Guard[] = [];

const pathOf = (to: To): string => {
  const path = typeof to === 'string' ? to : (to.pathname ?? location.pathname);
  return new URL(path, location.href).pathname;
};

/** True if somebody is asked first. */
function isHeld(path: string, go: () => void): boolean {
  const guard = guards.findLast(({ asksBefore }) => asksBefore(path));
  if (!guard) return false;
  guard.tell({
    go: () => {
      // All that is unsaved is left with the page.
      guards = [];
      guard.tell(null);
      go();
    },
    stay: () => guard.tell(null),
  });
  return true;
}

const browser = createBrowserHistory({ v5Compat: true });

/** Where in the tab's history the page stands: the browser doesn't tell how far a move back went. */
const indexOf = (): number => (history.state as { idx?: number } | null)?.idx ?? 0;
let index = indexOf();

/**
 * The browser's history, which a page with unsaved work may hold up. An own small one, because the router that has
 * `useBlocker` costs 17 kB more than the one that has not.
 */
export const appHistory: History = {
  get action() {
    return browser.action;
  },
  get location() {
    return browser.location;
  },
  createHref: browser.createHref,
  createURL: browser.createURL,
  encodeLocation: browser.encodeLocation,
  push(to, state) {
    const go = () => {
      browser.push(to, state);
      index = indexOf();
    };
    if (!isHeld(pathOf(to), go)) go();
  },
  replace(to, state) {
    const go = () => browser.replace(to, state);
    if (!isHeld(pathOf(to), go)) go();
  },
  go: (delta) => browser.go(delta),
  listen(listener) {
    let isReturning = false;
    return browser.listen((update) => {
      if (update.action !== 'POP') return listener(update);
      const delta = indexOf() - index;
      if (isReturning) {
        isReturning = false;
        return;
      }
      const isAsked = isHeld(update.location.pathname, () => browser.go(delta));
      if (isAsked && delta !== 0) {
        isReturning = true;
        browser.go(-delta);
        return;
      }
      index = indexOf();
      listener(update);
    });
  },
};

/** The move that waits for an answer while `when` holds; moves within the path (tabs, filters) are free. */
export function useHeldMove(when: boolean): HeldMove | null {
  const [move, setMove] = useState<HeldMove | null>(null);
  useEffect(() => {
    if (!when) return;
    const here = location.pathname;
    const own: Guard = { asksBefore: (path) => path !== here, tell: setMove };
    guards = [...guards, own];
    return () => {
      guards = guards.filter((guard) => guard !== own);
    };
  }, [when]);
  return move;
}
