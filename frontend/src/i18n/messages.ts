import { createInstance } from 'i18next';
import { useMemo } from 'react';
import { formatsOf } from '@/lib/format';
import { directionOf, type Language, usePreferences } from '@/store/preferences';

type PluralForm = 'zero' | 'one' | 'two' | 'few' | 'many' | 'other';
type Texts = Record<string, string>;

/** Names of texts: those with plural forms without their form. */
export type Key<T> = keyof T extends infer K
  ? K extends `${infer Name}_${PluralForm}`
    ? Name
    : K extends string
      ? K
      : never
  : never;

type PluralName<T> = keyof T extends infer K ? (K extends `${infer Name}_other` ? Name : never) : never;

/** All keys of English; where English has a plural, all six forms of Arabic. */
export type Arabic<T> = { [K in Exclude<Key<T>, PluralName<T>>]: string } & {
  [K in `${PluralName<T>}_${PluralForm}`]: string;
};

export interface Messages<T extends Texts> {
  name: string;
  en: T;
  ar: Arabic<T>;
}

const i18n = createInstance();
void i18n.init({
  lng: usePreferences.getState().language,
  fallbackLng: false,
  initAsync: false,
  resources: {},
  keySeparator: false,
  nsSeparator: false,
  interpolation: { escapeValue: false },
  returnNull: false,
});

/** All that are loaded, for the test that compares their keys. */
export const allMessages = new Map<string, Messages<Texts>>();

/**
 * A page's or part's texts in both languages, beside the page and loaded with it. A text with a number has the forms
 * `key_one` and `key_other` (Arabic all six of CLDR), is asked for by `key` with `count`, and says `{{n}}` for the number.
 */
export function defineMessages<const T extends Texts>(name: string, en: T, ar: NoInfer<Arabic<T>>): Messages<T> {
  i18n.addResourceBundle('en', name, en);
  i18n.addResourceBundle('ar', name, ar);
  const messages = { name, en, ar };
  allMessages.set(name, messages as unknown as Messages<Texts>);
  return messages;
}

export type Values = Record<string, string | number>;
export type Translate<T> = (key: Key<T>, values?: Values) => string;

/** Sets a name apart whose letters may run the other way: U+2068 FIRST STRONG ISOLATE … U+2069. UAX #9, section 2.7. */
export function isolated(text: string, language: Language): string {
  const isForeign = directionOf(language) === 'rtl' ? /[A-Za-z0-9]/ : /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
  // Marks of direction in a name turn over what follows it: they end with its isolate, if it has none of its own.
  const marks = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/;
  return isForeign.test(text) || marks.test(text) ? `\u2068${text.replace(/[\u2066-\u2069]/g, '')}\u2069` : text;
}

export function translator<T extends Texts>(
  messages: Messages<T>,
  language: Language,
  digits: 'latn' | 'arab',
): Translate<T> {
  // Its own types look keys up in one list of all texts; here each part has its own.
  const translate = i18n.getFixedT(language, messages.name) as unknown as (key: string, values?: Values) => string;
  const format = formatsOf(language, digits);
  return (key, values) => {
    if (!values) return translate(key);
    const shown: Record<string, string | number> = {};
    for (const [name, value] of Object.entries(values)) {
      shown[name] = typeof value === 'number' ? format.number(value) : isolated(value, language);
    }
    if (typeof values.count === 'number') {
      shown.n = format.number(values.count);
      return translate(key, { ...shown, count: values.count });
    }
    return translate(key, shown);
  };
}

/** The texts in the language that is chosen: `const t = useMessages(messages); t('title')`. */
export function useMessages<T extends Texts>(messages: Messages<T>): Translate<T> {
  const language = usePreferences((state) => state.language);
  const digits = usePreferences((state) => state.digits);
  return useMemo(() => translator(messages, language, digits), [messages, language, digits]);
}
