import { useMemo } from 'react';
import { type Calendar, type Digits, type Language, usePreferences } from '@/store/preferences';

type Moment = string | number | Date;

export interface Formats {
  number: (value: number) => string;
  percent: (share: number) => string;
  bytes: (count: number) => string;
  /** `14 Mar 2026, 02:30` */
  time: (moment: Moment) => string;
  /** With seconds, zone, and the Hijri date where it is chosen. */
  exact: (moment: Moment) => string;
  date: (moment: Moment) => string;
  /** `12 minutes ago`, `in 2 days`. */
  relative: (moment: Moment, now?: number) => string;
  /** `1.4 s`, `3 min 20 s`. */
  duration: (milliseconds: number) => string;
  list: (parts: string[]) => string;
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

const known = new Map<string, Formats>();

/** All of `Intl` that pages need, in a language: numbers, times, sizes. */
export function formatsOf(language: Language, digits: Digits, calendar: Calendar = 'gregorian'): Formats {
  const name = `${language} ${digits} ${calendar}`;
  const standing = known.get(name);
  if (standing) return standing;
  const made = make(language, language === 'ar' ? digits : 'latn', calendar);
  known.set(name, made);
  return made;
}

function make(language: Language, digits: Digits, calendar: Calendar): Formats {
  const locale = `${language === 'en' ? 'en-GB' : 'ar'}-u-ca-gregory-nu-${digits}`;
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const time = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const exact = new Intl.DateTimeFormat(locale, {
    dateStyle: 'full',
    timeStyle: 'long',
    hourCycle: 'h23',
  } as Intl.DateTimeFormatOptions);
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
  const hijri = new Intl.DateTimeFormat(`${language}-u-ca-islamic-umalqura-nu-${digits}`, { dateStyle: 'long' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const list = new Intl.ListFormat(locale, { type: 'conjunction' });
  const sized = (value: number, unit: string) =>
    new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 1 }).format(
      value,
    );
  const both = (text: string, moment: Moment) =>
    calendar === 'both' ? `${text} (${hijri.format(new Date(moment))})` : text;

  return {
    number: (value) => number.format(value),
    percent: (share) => percent.format(share),
    bytes(count) {
      const steps = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
      const step = count < 1000 ? 0 : Math.min(steps.length - 1, Math.floor(Math.log10(count) / 3));
      return sized(count / 1000 ** step, steps[step] ?? 'byte');
    },
    time: (moment) => both(time.format(new Date(moment)), moment),
    exact: (moment) => both(exact.format(new Date(moment)), moment),
    date: (moment) => both(date.format(new Date(moment)), moment),
    relative(moment, now = Date.now()) {
      const seconds = (new Date(moment).getTime() - now) / 1000;
      for (const [unit, length] of units) {
        if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
      }
      return relative.format(0, 'second');
    },
    duration(milliseconds) {
      if (milliseconds < 1000) return sized(Math.round(milliseconds), 'millisecond');
      const seconds = milliseconds / 1000;
      if (seconds < 60) return sized(seconds, 'second');
      const whole = Math.round(seconds);
      if (whole < 3600) return `${sized(Math.floor(whole / 60), 'minute')} ${sized(whole % 60, 'second')}`;
      return `${sized(Math.floor(whole / 3600), 'hour')} ${sized(Math.floor((whole % 3600) / 60), 'minute')}`;
    },
    list: (parts) => list.format(parts),
  };
}

/** Arabic and Persian digits as 0 to 9: keyboards write them, the host takes these. */
export const westernDigits = (text: string): string =>
  text.replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String((digit.codePointAt(0) ?? 0) & 0xf));

export function useFormats(): Formats {
  const language = usePreferences((state) => state.language);
  const digits = usePreferences((state) => state.digits);
  const calendar = usePreferences((state) => state.calendar);
  return useMemo(() => formatsOf(language, digits, calendar), [language, digits, calendar]);
}
