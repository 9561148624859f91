import { cn } from '@/lib/cn';
import { type Tone, tones } from './state';

interface ProgressProps {
  label: string;
  value: number;
  /** Null where nobody knows yet. */
  max: number | null;
  tone?: Tone;
  className?: string;
}

/** Grows along the line: from the right in Arabic. */
export function Progress({ label, value, max, tone = 'info', className }: ProgressProps) {
  const share = max && max > 0 ? Math.min(1, value / max) : null;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      {...(max !== null && { 'aria-valuemax': max, 'aria-valuenow': Math.min(value, max) })}
      className={cn('h-1.5 w-full overflow-hidden rounded-full bg-muted', className)}
    >
      <div
        className={cn('h-full rounded-full', tones[tone].solid, share === null && 'animate-pulse')}
        style={{ inlineSize: share === null ? '100%' : `${share * 100}%` }}
      />
    </div>
  );
}
