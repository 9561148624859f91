import type { UseQueryResult } from '@tanstack/react-query';
import { LoaderCircle } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { Button } from './button';
import { ErrorPanel, useFailureTexts } from './failure';
import { kitMessages } from './messages';
import { Notice } from './notice';

type Query<Data> = Pick<
  UseQueryResult<Data>,
  'data' | 'error' | 'isPending' | 'isFetching' | 'refetch' | 'dataUpdatedAt' | 'isRefetchError'
>;

interface LoadedProps<Data> {
  query: Query<Data>;
  /** As large as what comes. */
  skeleton: ReactNode;
  /** Where the answer says that there is nothing. */
  isEmpty?: (data: Data) => boolean;
  empty?: ReactNode;
  children: (data: Data) => ReactNode;
}

/**
 * A query in all its states: loading, failed (forbidden and offline too), empty, there, and shown although it could not be
 * refreshed.
 */
export function Loaded<Data>({ query, skeleton, isEmpty, empty, children }: LoadedProps<Data>) {
  const { data } = query;
  if (data === undefined) {
    return query.error ? <ErrorPanel error={query.error} retry={() => void query.refetch()} /> : skeleton;
  }
  return (
    <>
      {query.error && <Stale query={query} />}
      {isEmpty?.(data) ? empty : children(data)}
    </>
  );
}

function Stale<Data>({ query }: { query: Query<Data> }) {
  const t = useMessages(kitMessages);
  const format = useFormats();
  const { title, failure } = useFailureTexts(query.error);
  return (
    <Notice
      tone="warning"
      className="mb-4"
      title={t('staleTitle', { when: format.relative(query.dataUpdatedAt) })}
      action={
        <Button size="sm" isBusy={query.isFetching} onClick={() => void query.refetch()}>
          {t('retry')}
        </Button>
      }
    >
      <p>{t('staleDetail', { why: failure.detail || title })}</p>
    </Notice>
  );
}

/** A small sign beside a title that newer data is on its way; takes no room of its own. */
export function Refreshing({ isFetching }: { isFetching: boolean }) {
  const t = useMessages(kitMessages);
  return (
    <span role="status" className="inline-flex size-4 text-muted-foreground">
      {isFetching && <LoaderCircle className="size-4 animate-spin" aria-label={t('refreshing')} />}
    </span>
  );
}
