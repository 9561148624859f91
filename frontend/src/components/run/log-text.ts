import type { LogLine } from '@/api/generated/types.gen';
import type { RunStateName } from '@/components/ui/state';
import { domainMessages } from '@/i18n/domain';
import { type Key, useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { usePreferences } from '@/store/preferences';
import { failureMessages, runFailureOf } from './failures';
import { runMessages } from './messages';

/** What the host puts beside its sentence: docs/api.md. Old lines may lack any of it. */
interface Told {
  state?: RunStateName;
  attempt?: number;
  counts?: Record<string, number>;
  error?: { code: string } | null;
  actor?: string;
}

const effects = ['read', 'created', 'updated', 'unchanged', 'set_aside', 'rejected', 'duplicate'] as const;

/** What a line says in the page's language, where that is not the host's and the line carries enough; else null. */
export function useLogText(): (line: LogLine) => string | null {
  const t = useMessages(runMessages);
  const d = useMessages(domainMessages);
  const f = useMessages(failureMessages);
  const format = useFormats();
  const isHosts = usePreferences((preferences) => preferences.language === 'en');
  return ({ event, payload }) => {
    if (isHosts) return null;
    const { state, attempt, counts, error, actor = '' }: Told = (payload as Told | null) ?? {};
    const failure = error ? runFailureOf(f, error.code)?.title : undefined;
    if (event === 'retry') return [failure, t('verdict.attempt', { attempt: attempt ?? 1 })].filter(Boolean).join('. ');
    if (event !== 'outcome') {
      const key = `decision.${event}`;
      return Object.hasOwn(runMessages.en, key) ? t(key as Key<typeof runMessages.en>, { by: actor }) : null;
    }
    if (!state || !Object.hasOwn(domainMessages.en, `state.${state}`)) return null;
    const sums = effects
      .filter((effect) => (counts?.[effect] ?? 0) > 0)
      .map((effect) => `${format.number(counts?.[effect] ?? 0)} ${d(`effect.${effect}`)}`);
    return [[d(`state.${state}`), failure].filter(Boolean).join(': '), sums.join(' · ')].filter(Boolean).join(' — ');
  };
}
