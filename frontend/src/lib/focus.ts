import { useEffect, useRef } from 'react';

/** Who reads by ear or goes by keys begins at what is new, not at the button that led there and is gone. */
export const focusContent = (): void => document.getElementById('content')?.focus({ preventScroll: true });

/** Begins at the content whenever another part of the same page takes the place of the one before. */
export function useFocusAtPart(part: string): void {
  const shown = useRef(part);
  useEffect(() => {
    if (shown.current === part) return;
    shown.current = part;
    // What still has the pointer or the keys, a tab say, keeps them.
    if (document.activeElement === document.body) focusContent();
  }, [part]);
}
