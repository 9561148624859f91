import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { ScrollText } from 'lucide-react';
import { useCallback, useEffect, useMemo } from 'react';
import { Link } from 'react-router';
import { listLogsInfiniteOptions, listLogsOptions, listRunsOptions } from '@/api/generated/@tanstack/react-query.gen';
import type { LogLine } from '@/api/generated/types.gen';
import { Filter, SinceFilter } from '@/components/filters/filter';
import { FilterBar, NoMatch } from '@/components/filters/filter-bar';
import { type Since, sinceOf } from '@/components/filters/since';
import { EmptyState } from '@/components/ui/empty-state';
import { FailureNote } from '@/components/ui/failure';
import { Loaded } from '@/components/ui/loaded';
import { byCursor, itemsOf } from '@/components/ui/pages';
import { SearchInput } from '@/components/ui/search-input';
import { TableSkeleton } from '@/components/ui/skeleton';
import { VirtualList } from '@/components/ui/virtual-list';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { useFilters } from '@/lib/search-state';
import { runListMessages } from './list-messages';
import { LogRow } from './log-line';

const levels = ['debug', 'info', 'warning', 'error'] as const;
type Level = (typeof levels)[number];

type Filters = { q: string; level: Level | 'any'; outcome: 'success' | 'error' | 'any'; since: Since };

const ahead = 200;

/** A configuration's log, the newest line first: any number of lines, of which only what is seen stands in the document. */
export function LogList({ config }: { config: string }) {
  const t = useMessages(runListMessages);
  const d = useMessages(domainMessages);
  const { filters, change, isFiltered, clear } = useFilters<Filters>({
    q: '',
    level: 'any',
    outcome: 'any',
    since: 'ever',
  });
  const { q: text, level, outcome: status } = filters;
  const from = sinceOf(filters.since);
  const filter = {
    limit: ahead,
    ...(text && { q: text }),
    ...(level !== 'any' && { level }),
    ...(status !== 'any' && { status }),
  };
  const path = { id: config };
  const query = useInfiniteQuery({
    ...listLogsInfiniteOptions({ path, query: { ...filter, ...(from && { since: from }) } }),
    ...byCursor,
    placeholderData: keepPreviousData,
    // What was written stays as it is; what is new is asked for below. All pages anew would be a hundred requests.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    refetchInterval: (state) => (itemsOf(state.state.data).length === 0 ? 3_000 : false),
  });
  const older = useMemo(() => itemsOf(query.data), [query.data]);
  const works =
    useQuery({
      ...listRunsOptions({ query: { config_id: config, state: ['queued', 'running'], limit: 1 } }),
      refetchInterval: 5_000,
    }).data?.items.length === 1;
  const newest = older[0]?.created_at;
  const fresh = useQuery({
    ...listLogsOptions({ path, query: { ...filter, ...(newest && { since: newest }) } }),
    enabled: newest !== undefined && !query.isPlaceholderData,
    refetchInterval: works ? 2_000 : 10_000,
  });
  const { refetch } = query;
  // More than one page of them is new: between these and the older ones some are missing.
  const isTorn = fresh.data?.next_cursor != null;
  useEffect(() => {
    if (isTorn) void refetch();
  }, [isTorn, refetch]);
  const lines = useMemo(() => {
    const known = new Set(older.slice(0, ahead).map((line) => line.id));
    return [...(fresh.data?.items.filter((line) => !known.has(line.id)) ?? []), ...older];
  }, [older, fresh.data]);
  const { fetchNextPage, isFetchingNextPage, isFetchNextPageError, hasNextPage } = query;
  const more = useCallback(() => {
    if (!isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage, isFetchNextPageError]);
  return (
    <>
      <FilterBar>
        <SearchInput label={t('find')} value={text} onSearch={(q) => change({ q })} className="w-full sm:w-64" />
        <Filter
          label={t('level')}
          className="sm:w-36"
          value={level}
          onChange={(next) => change({ level: next })}
          choices={[
            { value: 'any', label: t('level.any') },
            ...levels.map((value) => ({ value, label: d(`level.${value}`) })),
          ]}
        />
        <Filter
          label={t('status')}
          className="sm:w-40"
          value={status}
          onChange={(outcome) => change({ outcome })}
          choices={(['any', 'success', 'error'] as const).map((value) => ({ value, label: t(`status.${value}`) }))}
        />
        <SinceFilter value={filters.since} onChange={(since) => change({ since })} />
        {works && <p className="text-table text-muted-foreground">{t('live')}</p>}
      </FilterBar>
      <Loaded
        query={query}
        skeleton={<TableSkeleton rows={8} />}
        isEmpty={() => lines.length === 0}
        empty={
          isFiltered ? (
            <NoMatch title={t('noLineMatchTitle')} description={t('noLineMatch')} clear={clear} />
          ) : (
            <EmptyState icon={ScrollText} title={t('noLinesTitle')} description={t('noLines')} />
          )
        }
      >
        {() => (
          <VirtualList
            label={t('lines')}
            items={lines}
            itemKey={(line) => line.id}
            estimate={64}
            hasMore={hasNextPage}
            onEnd={more}
            className="h-[65vh] min-h-80"
          >
            {(line) => (
              <LogRow line={line} isShort={line.run_id !== null}>
                <ToRun line={line} />
              </LogRow>
            )}
          </VirtualList>
        )}
      </Loaded>
      {isFetchNextPageError && <FailureNote error={query.error} retry={() => void fetchNextPage()} className="m-3" />}
    </>
  );
}

function ToRun({ line }: { line: LogLine }) {
  const t = useMessages(runListMessages);
  if (!line.run_id) return null;
  return (
    <Link to={`/runs/${line.run_id}`} className="rounded-sm text-xs text-primary hover:underline">
      {t('toRun')}
    </Link>
  );
}
