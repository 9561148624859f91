import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { kitMessages } from './messages';

interface VirtualListProps<Item> {
  label: string;
  items: readonly Item[];
  itemKey: (item: Item) => string;
  /** Pixels of a usual item; each is measured once it stands. */
  estimate: number;
  children: (item: Item) => ReactNode;
  /** Called when the end comes near. */
  onEnd?: () => void;
  hasMore?: boolean;
  className?: string;
}

/** A list of any length of which only what is seen stands in the document. Give it a height. */
export function VirtualList<Item>(props: VirtualListProps<Item>) {
  const { label, items, itemKey, estimate, children, onEnd, hasMore = false, className } = props;
  const t = useMessages(kitMessages);
  const frame = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => frame.current,
    estimateSize: () => estimate,
    getItemKey: (index) => {
      const item = items[index];
      return item === undefined ? index : itemKey(item);
    },
    overscan: 12,
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;
  useEffect(() => {
    if (hasMore && last >= items.length - 20) onEnd?.();
  }, [hasMore, last, items.length, onEnd]);
  return (
    <div
      ref={frame}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
      tabIndex={0}
      role="group"
      aria-label={label}
      className={cn('overflow-y-auto overscroll-contain', className)}
    >
      <div role="list" aria-label={label} className="relative" style={{ height: rows.getTotalSize() }}>
        {shown.map((row) => {
          const item = items[row.index];
          if (item === undefined) return null;
          return (
            <div
              key={row.key}
              ref={rows.measureElement}
              role="listitem"
              data-index={row.index}
              aria-posinset={row.index + 1}
              aria-setsize={hasMore ? -1 : items.length}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${row.start}px)` }}
            >
              {children(item)}
            </div>
          );
        })}
      </div>
      <p role="status" className="p-3 text-center text-table text-muted-foreground">
        {hasMore ? t('loadingMore') : t('end')}
      </p>
    </div>
  );
}
