import type { ComponentProps, ReactNode } from 'react';
import { cn } from '@/lib/cn';

export function Card({ className, ...rest }: ComponentProps<'section'>) {
  return <section data-card className={cn('min-w-0 rounded-lg border bg-card shadow-xs', className)} {...rest} />;
}

interface CardHeaderProps {
  title: ReactNode;
  description?: ReactNode;
  /** Buttons, at the end of the line. */
  children?: ReactNode;
  id?: string;
}

export function CardHeader({ title, description, children, id }: CardHeaderProps) {
  return (
    <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 px-4 pt-4 pb-3">
      <div className="min-w-0">
        <h2 id={id} className="font-semibold wrap-anywhere">
          {title}
        </h2>
        {description && <p className="text-table text-muted-foreground wrap-anywhere">{description}</p>}
      </div>
      {children && <div className="flex flex-wrap gap-2">{children}</div>}
    </header>
  );
}
