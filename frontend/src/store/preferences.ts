import { create } from 'zustand';
import { persist } from 'zustand/middleware';

export type Language = 'en' | 'ar';
export type Theme = 'light' | 'dark' | 'system';
/** Digits of Arabic: 123 or ١٢٣. */
export type Digits = 'latn' | 'arab';
/** Gregorian alone, or with the Hijri date beside it. */
export type Calendar = 'gregorian' | 'both';

interface Preferences {
  language: Language;
  theme: Theme;
  digits: Digits;
  calendar: Calendar;
  set: (change: Partial<Omit<Preferences, 'set'>>) => void;
}

/** What the browser's user chose, kept in this browser. public/first-paint.js reads the same before the first paint. */
export const usePreferences = create<Preferences>()(
  persist(
    (set) => ({
      language: navigator.language.toLowerCase().startsWith('ar') ? 'ar' : 'en',
      theme: 'system',
      digits: 'latn',
      calendar: 'gregorian',
      set,
    }),
    { name: 'trainflow.preferences' },
  ),
);

export const directionOf = (language: Language): 'ltr' | 'rtl' => (language === 'ar' ? 'rtl' : 'ltr');

const darkness = (): MediaQueryList | undefined => globalThis.matchMedia?.('(prefers-color-scheme: dark)');

function show({ language, theme }: Preferences): void {
  const root = document.documentElement;
  root.lang = language;
  root.dir = directionOf(language);
  root.classList.toggle('dark', theme === 'dark' || (theme === 'system' && darkness()?.matches === true));
}

/** Puts language, direction and theme on the document, now and whenever they change. */
export function followPreferences(): void {
  show(usePreferences.getState());
  usePreferences.subscribe(show);
  darkness()?.addEventListener('change', () => show(usePreferences.getState()));
}
