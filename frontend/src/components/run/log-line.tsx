import { CircleX, Info, type LucideIcon, TriangleAlert, Wrench } from 'lucide-react';
import type { LogLine } from '@/api/generated/types.gen';
import { type Tone, tones } from '@/components/ui/state';
import { RelativeTime } from '@/components/ui/text';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { useLogText } from './log-text';

const levels: Record<
  string,
  { tone: Tone; icon: LucideIcon; word: 'level.debug' | 'level.info' | 'level.warning' | 'level.error' }
> = {
  debug: { tone: 'muted', icon: Wrench, word: 'level.debug' },
  info: { tone: 'info', icon: Info, word: 'level.info' },
  warning: { tone: 'warning', icon: TriangleAlert, word: 'level.warning' },
  error: { tone: 'danger', icon: CircleX, word: 'level.error' },
};

/** One line of the log: how grave, when, what; below it the host's own English. `isShort`: the run has the whole of it. */
export function LogRow({ line, isShort, children }: { line: LogLine; isShort?: boolean; children?: React.ReactNode }) {
  const d = useMessages(domainMessages);
  const said = useLogText()(line);
  const look = levels[line.level] ?? levels.info;
  if (!look) return null;
  const Icon = look.icon;
  return (
    <div className="flex items-start gap-x-3 border-b px-4 py-2.5 text-table max-sm:flex-col">
      <span className={cn('flex w-20 shrink-0 items-center gap-1.5 font-medium', tones[look.tone].text)}>
        <Icon className="size-3.5 shrink-0" aria-hidden />
        {d(look.word)}
      </span>
      <span className="min-w-0 flex-1">
        {said && <span className="block">{said}</span>}
        <span
          dir="ltr"
          lang="en"
          className={cn(
            'break-words in-[:dir(rtl)]:text-end',
            isShort ? 'line-clamp-4' : 'block',
            said && 'text-xs text-muted-foreground',
          )}
        >
          {line.message}
        </span>
        <span className="flex flex-wrap gap-x-3 text-muted-foreground">
          <RelativeTime at={line.created_at} className="text-xs" />
          {children}
        </span>
      </span>
    </div>
  );
}
