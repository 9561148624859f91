import type { InfiniteData } from '@tanstack/react-query';
import { useMessages } from '@/i18n/messages';
import { Button } from './button';
import { FailureNote } from './failure';
import { kitMessages } from './messages';

/**
 * What an infinite query needs besides its generated options:
 * `useInfiniteQuery({ ...listRunsInfiniteOptions({ query }), ...byCursor })`.
 */
export const byCursor = {
  // No more than the options have already; its type differs from list to list.
  initialPageParam: {} as never,
  getNextPageParam: (page: { next_cursor: string | null }) => page.next_cursor ?? undefined,
};

/** All items of the pages that are there. */
export const itemsOf = <Item,>(data: InfiniteData<{ items: Item[] }> | undefined): Item[] =>
  data?.pages.flatMap((page) => page.items) ?? [];

interface MoreProps {
  query: {
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    isFetchNextPageError: boolean;
    error: unknown;
    fetchNextPage: () => unknown;
  };
}

/** The way to the next page of a list, below it. */
export function More({ query }: MoreProps) {
  const t = useMessages(kitMessages);
  if (!query.hasNextPage) return null;
  return (
    <div className="flex flex-col items-center gap-2 border-t p-3">
      {query.isFetchNextPageError && <FailureNote error={query.error} />}
      <Button variant="ghost" isBusy={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
        {query.isFetchingNextPage ? t('loadingMore') : t('more')}
      </Button>
    </div>
  );
}
