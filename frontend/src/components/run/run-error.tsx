import type { Run } from '@/api/generated/types.gen';
import { useMessages } from '@/i18n/messages';
import { failureMessages, runFailureOf } from './failures';

/** Why a run ended early: what its code means in the page's language, and the host's own words, which are English. */
export function RunError({ error }: { error: NonNullable<Run['error']> }) {
  const t = useMessages(failureMessages);
  const known = runFailureOf(t, error.code);
  return (
    <div className="max-w-prose rounded-lg bg-danger-soft px-3 py-2.5">
      {known && <p className="font-medium text-danger">{known.title}</p>}
      <p dir="ltr" lang="en" className={known ? 'rtl:text-end' : 'font-medium text-danger rtl:text-end'}>
        {error.message} {error.hint}
      </p>
      {known && !error.hint && <p>{known.advice}</p>}
    </div>
  );
}
