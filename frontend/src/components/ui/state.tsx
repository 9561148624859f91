import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleX,
  ClipboardList,
  Clock,
  LoaderCircle,
  type LucideIcon,
  PauseCircle,
  TriangleAlert,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { Run } from '@/api/generated/types.gen';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';

export type Tone = 'success' | 'warning' | 'danger' | 'held' | 'info' | 'muted';

export const tones: Record<Tone, { text: string; soft: string; solid: string }> = {
  success: { text: 'text-success', soft: 'bg-success-soft', solid: 'bg-success' },
  warning: { text: 'text-warning', soft: 'bg-warning-soft', solid: 'bg-warning' },
  danger: { text: 'text-danger', soft: 'bg-danger-soft', solid: 'bg-danger' },
  held: { text: 'text-held', soft: 'bg-held-soft', solid: 'bg-held' },
  info: { text: 'text-info', soft: 'bg-info-soft', solid: 'bg-info' },
  muted: { text: 'text-muted-foreground', soft: 'bg-muted', solid: 'bg-muted-foreground' },
};

interface StateProps {
  tone: Tone;
  icon: LucideIcon;
  /** The word: colour and icon alone say nothing. */
  children: ReactNode;
  isTurning?: boolean;
  className?: string;
}

/** A state by icon, word and colour. */
export function State({ tone, icon: Icon, children, isTurning, className }: StateProps) {
  return (
    <span
      className={cn(
        'inline-flex max-w-full items-center gap-1.5 rounded-full px-2 py-0.5 text-xs font-medium',
        tones[tone].text,
        tones[tone].soft,
        className,
      )}
    >
      <Icon className={cn('size-3.5 shrink-0', isTurning && 'animate-spin')} aria-hidden />
      <span className="min-w-0 truncate">{children}</span>
    </span>
  );
}

export type RunStateName = Run['state'];

export const runStates: Record<RunStateName, { tone: Tone; icon: LucideIcon; isTurning?: boolean }> = {
  queued: { tone: 'muted', icon: Clock },
  running: { tone: 'info', icon: LoaderCircle, isTurning: true },
  planned: { tone: 'info', icon: ClipboardList },
  held: { tone: 'held', icon: PauseCircle },
  done: { tone: 'success', icon: CircleCheck },
  done_with_rejects: { tone: 'warning', icon: TriangleAlert },
  failed: { tone: 'danger', icon: CircleX },
  cancelled: { tone: 'muted', icon: Ban },
};

/** A run's state in its words, with the number that matters where the run is given. */
export function RunState({
  run,
  state,
}: {
  run?: Pick<Run, 'state' | 'counts' | 'guard'> | null;
  state?: RunStateName;
}) {
  const d = useMessages(domainMessages);
  const name = run?.state ?? state;
  if (!name) return null;
  const { tone, icon, isTurning } = runStates[name];
  const rejected = run?.counts.rejected ?? 0;
  const setAside = (run?.guard?.verdicts ?? [])
    .flatMap(({ kinds }) => kinds)
    .reduce((sum, kind) => sum + kind.count, 0);
  const text =
    name === 'done_with_rejects' && rejected > 0
      ? d('state.done_with_rejects.count', { count: rejected })
      : name === 'held' && setAside > 0
        ? d('state.held.count', { count: setAside })
        : d(`state.${name}`);
  return (
    <State tone={tone} icon={icon} isTurning={isTurning ?? false}>
      {text}
    </State>
  );
}

/** Whether a configuration may run. */
export function OffState() {
  const d = useMessages(domainMessages);
  return (
    <State tone="muted" icon={CircleDashed}>
      {d('state.off')}
    </State>
  );
}
