import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { History } from 'lucide-react';
import { Fragment, useEffect, useRef } from 'react';
import { Link } from 'react-router';
import { getRunOptions, listRunsInfiniteOptions } from '@/api/generated/@tanstack/react-query.gen';
import type { Run } from '@/api/generated/types.gen';
import { isWorking, useRunEvents } from '@/api/run-events';
import { Filter, SinceFilter } from '@/components/filters/filter';
import { FilterBar, NoMatch } from '@/components/filters/filter-bar';
import { type Since, sinceOf } from '@/components/filters/since';
import { RunProgress } from '@/components/integration/run-progress';
import { Button } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/empty-state';
import { Loaded } from '@/components/ui/loaded';
import { byCursor, itemsOf, More } from '@/components/ui/pages';
import { TableSkeleton } from '@/components/ui/skeleton';
import { RunState, type RunStateName, runStates } from '@/components/ui/state';
import { type Column, DataTable } from '@/components/ui/table';
import { Bdi, RelativeTime } from '@/components/ui/text';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { useFilters } from '@/lib/search-state';
import { runListMessages } from './list-messages';

type Which = RunStateName | 'any' | 'needs' | 'working';

const statesOf: Record<'needs' | 'working', RunStateName[]> = {
  needs: ['held', 'planned', 'done_with_rejects', 'failed'],
  working: ['queued', 'running'],
};

type Filters = { integration: string; state: Which; kind: 'any' | 'sync' | 'replay'; since: Since };

interface RunListProps {
  /** Only this configuration's. */
  config?: string;
  /** Names of configurations by id: then each row tells its own, and one may be chosen. */
  names?: ReadonlyMap<string, string>;
}

/** Runs by cursor, with their filters in the address; those that work are told live. */
export function RunList({ config, names }: RunListProps) {
  const t = useMessages(runListMessages);
  const d = useMessages(domainMessages);
  const { filters, change, isFiltered, clear } = useFilters<Filters>({
    integration: 'any',
    state: 'any',
    kind: 'any',
    since: 'ever',
  });
  const { integration: chosen, state: which, kind } = filters;
  const of = config ?? (chosen === 'any' ? undefined : chosen);
  const states = which === 'any' ? [] : which === 'needs' || which === 'working' ? statesOf[which] : [which];
  const from = sinceOf(filters.since);
  const query = useInfiniteQuery({
    ...listRunsInfiniteOptions({
      query: {
        limit: 50,
        ...(of && { config_id: of }),
        ...(states.length > 0 && { state: states }),
        ...(kind !== 'any' && { kind }),
        ...(from && { since: from }),
      },
    }),
    ...byCursor,
    placeholderData: (before) => before,
    refetchInterval: (state) => (itemsOf(state.state.data).some(isWorking) ? 2_000 : 15_000),
  });
  const working = itemsOf(query.data).find(isWorking);
  const columns = useColumns(names);
  return (
    <>
      <FilterBar>
        {names && (
          <Filter
            label={t('integration')}
            className="sm:w-56"
            value={chosen}
            onChange={(integration) => change({ integration })}
            choices={[
              { value: 'any', label: t('anyIntegration') },
              ...[...names].map(([value, name]) => ({ value, label: <Bdi>{name}</Bdi> })),
            ]}
          />
        )}
        <Filter
          label={t('state')}
          className="sm:w-52"
          value={which}
          onChange={(state) => change({ state })}
          choices={[
            { value: 'any', label: t('anyState') },
            { value: 'needs', label: t('needs') },
            { value: 'working', label: t('working') },
            ...(Object.keys(runStates) as RunStateName[]).map((value) => ({ value, label: d(`state.${value}`) })),
          ]}
        />
        <Filter
          label={t('kind')}
          className="sm:w-56"
          value={kind}
          onChange={(next) => change({ kind: next })}
          choices={(['any', 'sync', 'replay'] as const).map((value) => ({ value, label: t(`kind.${value}`) }))}
        />
        <SinceFilter value={filters.since} onChange={(since) => change({ since })} />
      </FilterBar>
      {working && <Working run={working} name={names?.get(working.config_id)} />}
      <Loaded
        query={query}
        skeleton={<TableSkeleton rows={8} />}
        isEmpty={(data) => itemsOf(data).length === 0}
        empty={
          isFiltered ? (
            <NoMatch title={t('noMatchTitle')} description={t('noMatch')} clear={clear} />
          ) : (
            <EmptyState icon={History} title={t('noneTitle')} description={t('none')}>
              {!config && (
                <Button asChild variant="primary">
                  <Link to="/integrations">{t('toIntegrations')}</Link>
                </Button>
              )}
            </EmptyState>
          )
        }
      >
        {(data) => <DataTable caption={t('caption')} columns={columns} rows={itemsOf(data)} rowKey={(run) => run.id} />}
      </Loaded>
      <More query={query} />
    </>
  );
}

/** The newest run that works, as its events tell it. */
function Working({ run: listed, name }: { run: Run; name: string | undefined }) {
  const t = useMessages(runListMessages);
  const queries = useQueryClient();
  const run = useQuery(getRunOptions({ path: { id: listed.id } })).data ?? listed;
  const { isLive } = useRunEvents(run);
  const works = isWorking(run);
  const worked = useRef(works);
  useEffect(() => {
    if (worked.current && !works) {
      void queries.invalidateQueries({ predicate: (query) => JSON.stringify(query.queryKey).includes('listRuns') });
    }
    worked.current = works;
  }, [works, queries]);
  if (!works) return null;
  return (
    <section aria-label={t('now')} className="flex flex-col gap-2 border-b bg-info-soft/40 p-4">
      <Link to={`/runs/${run.id}`} className="w-fit rounded-sm font-medium hover:underline">
        {name ? <Bdi>{name}</Bdi> : t('now')}
      </Link>
      <RunProgress run={run} isLive={isLive} />
    </section>
  );
}

function useColumns(names: RunListProps['names']): Column<Run>[] {
  const t = useMessages(runListMessages);
  const d = useMessages(domainMessages);
  const format = useFormats();
  const told = ['created', 'updated', 'unchanged', 'set_aside', 'rejected'] as const;
  const took = (run: Run) =>
    run.started_at && run.finished_at
      ? format.duration(new Date(run.finished_at).getTime() - new Date(run.started_at).getTime())
      : '—';
  return [
    {
      id: 'run',
      header: t('run'),
      isName: true,
      cell: (run) => (
        <span className="min-w-0">
          <Link to={`/runs/${run.id}`} className="block rounded-sm font-medium hover:underline">
            <RelativeTime at={run.started_at ?? run.created_at} />
          </Link>
          <span className="text-xs text-muted-foreground">
            {d(`trigger.${run.trigger}`)}
            {run.kind === 'replay' && <> · {t('replay')}</>}
          </span>
        </span>
      ),
    },
    ...(names
      ? [
          {
            id: 'integration',
            header: t('integration'),
            className: 'min-w-36 wrap-anywhere card-rows:min-w-0',
            cell: (run: Run) => <Bdi className="line-clamp-2">{names.get(run.config_id) ?? '…'}</Bdi>,
          },
        ]
      : []),
    { id: 'state', header: t('state'), cell: (run) => <RunState run={run} /> },
    {
      id: 'result',
      header: t('result'),
      className: 'text-muted-foreground card-rows:text-end',
      cell: (run) => {
        if (run.counts.read === 0) return t('notRead');
        const parts = told.filter((effect) => run.counts[effect] > 0);
        return (
          <span className="min-w-0">
            {parts.map((effect, place) => (
              <Fragment key={effect}>
                <span className="whitespace-nowrap">
                  {format.number(run.counts[effect])} {d(`effect.${effect}`)}
                  {place < parts.length - 1 && ' ·'}
                </span>{' '}
              </Fragment>
            ))}
          </span>
        );
      },
    },
    { id: 'took', header: t('took'), isNumber: true, className: 'text-muted-foreground', cell: took },
  ];
}
