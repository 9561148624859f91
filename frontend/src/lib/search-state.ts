import { useCallback } from 'react';
import { useNavigate, useSearchParams } from 'react-router';

/**
 * A value that lives in the address: filters, tab, page, selection. The usual value is left out of the address. Each
 * change takes the place of the address before it, so that Back leads to the page before. Several may be set at once.
 */
export function useSearchState<V extends string = string>(name: string, usual: NoInfer<V>): [V, (value: V) => void] {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const value = (search.get(name) as V | null) ?? usual;
  const set = useCallback(
    (next: V) => {
      // From the address itself: what was set a moment ago stands there already, but not yet in `search`.
      const changed = new URLSearchParams(location.search);
      if (next === usual || next === '') changed.delete(name);
      else changed.set(name, next);
      const text = changed.toString();
      navigate({ search: text && `?${text}` }, { replace: true });
    },
    [navigate, name, usual],
  );
  return [value, set];
}
