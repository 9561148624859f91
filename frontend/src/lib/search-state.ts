import { useCallback } from 'react';
import { type NavigateFunction, useLocation, useNavigate, useSearchParams } from 'react-router';

/**
 * A value that lives in the address: filters, tab, page, selection. The usual value is left out of the address. Each
 * change takes the place of the address before it, so that Back leads to the page before. Several may be set at once.
 */
export function useSearchState<V extends string = string>(name: string, usual: NoInfer<V>): [V, (value: V) => void] {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const value = (search.get(name) as V | null) ?? usual;
  const set = useCallback(
    (next: V) => put(navigate, pathname, { [name]: next }, { [name]: usual }),
    [navigate, pathname, name, usual],
  );
  return [value, set];
}

/** The values by which a list is narrowed, all of them in the address. `usual`: those that narrow nothing. */
export function useFilters<F extends Record<string, string>>(usual: F) {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const names: (keyof F & string)[] = Object.keys(usual);
  const filters = Object.fromEntries(names.map((name) => [name, search.get(name) ?? usual[name]])) as F;
  return {
    filters,
    change: (part: Partial<F>) => put(navigate, pathname, part, usual),
    isFiltered: names.some((name) => filters[name] !== usual[name]),
    clear: () => put(navigate, pathname, usual, usual),
  };
}

function put(
  navigate: NavigateFunction,
  pathname: string,
  values: Record<string, string | undefined>,
  usual: Record<string, string>,
): void {
  // What was answered late belongs to a page that somebody has left: it moves nobody.
  if (location.pathname !== pathname) return;
  // From the address itself: what was set a moment ago stands there already, but not yet in what React has.
  const changed = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(values)) {
    if (!value || value === usual[name]) changed.delete(name);
    else changed.set(name, value);
  }
  const text = changed.toString();
  navigate({ search: text && `?${text}` }, { replace: true });
}
