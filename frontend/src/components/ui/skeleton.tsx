import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { kitMessages } from './messages';

/** Give it the size of what comes. */
export function Skeleton({ className }: { className?: string }) {
  return <span className={cn('block animate-pulse rounded-md bg-muted', className)} />;
}

/** Stands where rows of a table will be: as many, as high. */
export function TableSkeleton({ rows = 6, className }: { rows?: number; className?: string }) {
  const t = useMessages(kitMessages);
  return (
    <div role="status" aria-label={t('loading')} className={cn('flex flex-col', className)}>
      <div className="h-9 border-b" />
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike and stay where they are
        <div key={index} className="flex h-15 items-center gap-6 border-b px-4 last:border-b-0">
          <Skeleton className="h-4 w-1/3" />
          <Skeleton className="h-4 w-24" />
          <Skeleton className="h-4 w-20" />
        </div>
      ))}
    </div>
  );
}
