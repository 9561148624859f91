import { CircleCheck, CircleX, Info, type LucideIcon, ShieldAlert, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from '@/lib/cn';
import { type Tone, tones } from './state';

const icons: Record<Tone, LucideIcon> = {
  success: CircleCheck,
  warning: TriangleAlert,
  danger: CircleX,
  held: ShieldAlert,
  info: Info,
  muted: Info,
};

interface NoticeProps {
  tone?: Tone;
  title?: ReactNode;
  children?: ReactNode;
  /** What to do about it. */
  action?: ReactNode;
  className?: string;
}

/** Something that holds for the page or part below it. */
export function Notice({ tone = 'info', title, children, action, className }: NoticeProps) {
  const Icon = icons[tone];
  return (
    <div
      className={cn('flex flex-wrap items-start gap-x-3 gap-y-2 rounded-lg px-3.5 py-3', tones[tone].soft, className)}
    >
      <Icon className={cn('mt-0.5 size-4 shrink-0', tones[tone].text)} aria-hidden />
      <div className="min-w-0 flex-1 text-foreground">
        {title && <p className={cn('font-medium', tones[tone].text)}>{title}</p>}
        {children}
      </div>
      {action}
    </div>
  );
}
