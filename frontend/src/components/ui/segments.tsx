import type { ReactNode } from 'react';
import { cn } from '@/lib/cn';

interface SegmentsProps<V extends string> {
  label: string;
  value: V;
  choices: readonly { value: V; label: ReactNode; count?: ReactNode }[];
  onChange: (value: V) => void;
  className?: string;
}

/** One of a few values, all of them seen: a filter, a way to look. */
export function Segments<V extends string>({ label, value, choices, onChange, className }: SegmentsProps<V>) {
  return (
    <div role="group" aria-label={label} className={cn('flex flex-wrap gap-1', className)}>
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          aria-pressed={choice.value === value}
          onClick={() => onChange(choice.value)}
          className="h-8 rounded-md px-2.5 text-table text-muted-foreground hover:bg-accent hover:text-foreground aria-pressed:bg-muted aria-pressed:font-medium aria-pressed:text-foreground"
        >
          {choice.label}
          {choice.count !== undefined && <> {choice.count}</>}
        </button>
      ))}
    </div>
  );
}
