import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { ScrollText, SearchX } from 'lucide-react';
import { useCallback, useMemo } from 'react';
import { Link } from 'react-router';
import { listLogsInfiniteOptions, listLogsOptions, listRunsOptions } from '@/api/generated/@tanstack/react-query.gen';
import type { LogLine } from '@/api/generated/types.gen';
import { Button } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/empty-state';
import { FailureNote } from '@/components/ui/failure';
import { Loaded } from '@/components/ui/loaded';
import { byCursor, itemsOf } from '@/components/ui/pages';
import { SearchInput } from '@/components/ui/search-input';
import { Select } from '@/components/ui/select';
import { TableSkeleton } from '@/components/ui/skeleton';
import { VirtualList } from '@/components/ui/virtual-list';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { useSearchState } from '@/lib/search-state';
import { runListMessages } from './list-messages';
import { LogRow } from './log-line';
import { type Since, sinceOf, sinces } from './since';

const levels = ['debug', 'info', 'warning', 'error'] as const;
type Level = (typeof levels)[number];

const ahead = 200;

/** A configuration's log, the newest line first: any number of lines, of which only what is seen stands in the document. */
export function LogList({ config }: { config: string }) {
  const t = useMessages(runListMessages);
  const d = useMessages(domainMessages);
  const [text, setText] = useSearchState('q', '');
  const [level, setLevel] = useSearchState<Level | 'any'>('level', 'any');
  const [status, setStatus] = useSearchState<'success' | 'error' | 'any'>('outcome', 'any');
  const [since, setSince] = useSearchState<Since>('since', 'ever');
  const from = sinceOf(since);
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
  const lines = useMemo(() => {
    const known = new Set(older.slice(0, ahead).map((line) => line.id));
    return [...(fresh.data?.items.filter((line) => !known.has(line.id)) ?? []), ...older];
  }, [older, fresh.data]);
  const isFiltered = text !== '' || level !== 'any' || status !== 'any' || since !== 'ever';
  const clear = () => {
    setText('');
    setLevel('any');
    setStatus('any');
    setSince('ever');
  };
  const { fetchNextPage, isFetchingNextPage, isFetchNextPageError, hasNextPage } = query;
  const more = useCallback(() => {
    if (!isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage, isFetchNextPageError]);
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 border-b p-3">
        <SearchInput label={t('find')} value={text} onSearch={setText} className="w-full sm:w-64" />
        <Select
          aria-label={t('level')}
          className="min-w-0 flex-1 basis-36 sm:w-36 sm:flex-none"
          value={level}
          onChange={setLevel}
          choices={[
            { value: 'any', label: t('level.any') },
            ...levels.map((value) => ({ value, label: d(`level.${value}`) })),
          ]}
        />
        <Select
          aria-label={t('status')}
          className="min-w-0 flex-1 basis-36 sm:w-40 sm:flex-none"
          value={status}
          onChange={setStatus}
          choices={(['any', 'success', 'error'] as const).map((value) => ({ value, label: t(`status.${value}`) }))}
        />
        <Select
          aria-label={t('since')}
          className="min-w-0 flex-1 basis-36 sm:w-44 sm:flex-none"
          value={since}
          onChange={setSince}
          choices={sinces.map((value) => ({ value, label: t(`since.${value}`) }))}
        />
        {works && <p className="text-table text-muted-foreground">{t('live')}</p>}
      </div>
      <Loaded
        query={query}
        skeleton={<TableSkeleton rows={8} />}
        isEmpty={() => lines.length === 0}
        empty={
          isFiltered ? (
            <EmptyState icon={SearchX} title={t('noLineMatchTitle')} description={t('noLineMatch')}>
              <Button onClick={clear}>{t('showAll')}</Button>
            </EmptyState>
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
