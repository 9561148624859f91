import type { Config } from '@/api/generated/types.gen';
import { runStates, tones } from '@/components/ui/state';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';

const heights: Record<Config['recent_runs'][number], string> = {
  queued: 'h-1',
  running: 'h-3',
  planned: 'h-3',
  held: 'h-2',
  done: 'h-4',
  done_with_rejects: 'h-4',
  failed: 'h-1',
  cancelled: 'h-1',
};

/** How the last fourteen runs ended, the newest at the end; the newest stands out. A list for who doesn't see it. */
export function RecentRuns({ states, label }: { states: Config['recent_runs']; label: string }) {
  const d = useMessages(domainMessages);
  if (states.length === 0) return <span aria-hidden>—</span>;
  const oldestFirst = states
    .map((state, index) => ({ state, key: states.length - index, isNewest: index === 0 }))
    .reverse();
  return (
    <ol aria-label={label} className="flex h-4 items-end gap-0.5">
      {oldestFirst.map(({ state, key, isNewest }) => {
        const isPlain = !isNewest && state === 'done';
        return (
          <li
            key={key}
            title={d(`state.${state}`)}
            className={cn(
              'w-1 rounded-[1px]',
              heights[state],
              isPlain ? 'bg-input' : tones[runStates[state].tone].solid,
            )}
          >
            <span className="sr-only">{d(`state.${state}`)}</span>
          </li>
        );
      })}
    </ol>
  );
}
