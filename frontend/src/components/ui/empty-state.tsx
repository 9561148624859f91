import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from '@/lib/cn';

interface EmptyStateProps {
  icon: LucideIcon;
  /** What belongs here. */
  title: ReactNode;
  /** Why nothing does yet, and what comes of the next step. */
  description?: ReactNode;
  /** The one next step. */
  children?: ReactNode;
  className?: string;
  /** Where nothing else is the page's title. */
  isPageTitle?: boolean;
}

export function EmptyState({ icon: Icon, title, description, children, className, isPageTitle }: EmptyStateProps) {
  const Title = isPageTitle ? 'h1' : 'p';
  return (
    <div className={cn('flex flex-col items-center gap-2 px-6 py-12 text-center', className)}>
      <span className="mb-1 flex size-10 items-center justify-center rounded-lg bg-muted text-muted-foreground">
        <Icon className="size-5" aria-hidden />
      </span>
      <Title className="font-semibold">{title}</Title>
      {description && <p className="max-w-prose text-muted-foreground">{description}</p>}
      {children && <div className="mt-2 flex flex-wrap justify-center gap-2">{children}</div>}
    </div>
  );
}
