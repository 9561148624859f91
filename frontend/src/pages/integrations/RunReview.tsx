import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { ScrollText } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useEffect, useRef } from 'react';
import { Link, useParams } from 'react-router';
import {
  countRejectsOptions,
  getConfigOptions,
  getRunOptions,
  listLogsInfiniteOptions,
} from '@/api/generated/@tanstack/react-query.gen';
import type { Run } from '@/api/generated/types.gen';
import { isWorking, useRunEvents } from '@/api/run-events';
import { PageHeader } from '@/components/page-header';
import { Changes } from '@/components/run/changes';
import { Counts, Facts, Why } from '@/components/run/counts';
import { Effects } from '@/components/run/effects';
import { LogRow } from '@/components/run/log-line';
import { runMessages } from '@/components/run/messages';
import { Verdict } from '@/components/run/verdict';
import { isPlanOnly, pendingOf, plannedOf } from '@/components/run/verdicts';
import { Card } from '@/components/ui/card';
import { EmptyState } from '@/components/ui/empty-state';
import { Loaded } from '@/components/ui/loaded';
import { byCursor, itemsOf, More } from '@/components/ui/pages';
import { Skeleton, TableSkeleton } from '@/components/ui/skeleton';
import { RunState } from '@/components/ui/state';
import { Tabs } from '@/components/ui/tabs';
import { Bdi } from '@/components/ui/text';
import { useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { useSearchState } from '@/lib/search-state';
import { stands } from '@/pages';

const Rejects = lazy(() => import('@/components/run/rejects').then(({ Rejects }) => ({ default: Rejects })));
const Source = lazy(() => import('@/components/run/source').then(({ Source }) => ({ default: Source })));

export function Page() {
  const { id = '' } = useParams();
  const t = useMessages(runMessages);
  const format = useFormats();
  const queries = useQueryClient();
  const query = useQuery({
    ...getRunOptions({ path: { id } }),
    // A working one is told by its events.
    refetchInterval: (state) => (isWorking(state.state.data) ? false : 30_000),
  });
  const run = query.data;
  const config = useQuery({
    ...getConfigOptions({ path: { id: run?.config_id ?? '' } }),
    enabled: run !== undefined,
  }).data;
  const { isLive } = useRunEvents(run);
  const works = isWorking(run);
  const worked = useRef(false);
  useEffect(() => {
    // What it has done is whole now, and told in lists too, however its end came to be known.
    if (worked.current && !works) void queries.invalidateQueries();
    worked.current = works;
  }, [works, queries]);
  const title = run
    ? t(run.kind === 'replay' ? 'replayTitle' : 'title', { time: format.time(run.started_at ?? run.created_at) })
    : t('loading');
  const trail = [
    ...(stands('/runs') ? [{ label: t('runs'), to: '/runs' }] : []),
    ...(config && stands('/integrations/:id/logs')
      ? [{ label: config.name, to: `/integrations/${config.id}/logs` }]
      : []),
  ];
  return (
    <>
      <PageHeader title={title} {...(trail.length > 0 && { trail })} beside={run && <RunState run={run} />} />
      <Loaded query={query} skeleton={<ReviewSkeleton />}>
        {(run) => <Review run={run} config={config} isLive={isLive} />}
      </Loaded>
    </>
  );
}

type Part = 'held' | 'changes' | 'rejects' | 'source' | 'log';

interface ReviewProps {
  run: Run;
  config: Parameters<typeof Verdict>[0]['config'];
  isLive: boolean;
}

function Review({ run, config, isLive }: ReviewProps) {
  const t = useMessages(runMessages);
  const format = useFormats();
  const groups = useQuery({ ...countRejectsOptions({ path: { id: run.id } }), enabled: run.counts.rejected > 0 }).data;
  const openRejects = groups?.items.reduce((sum, group) => sum + group.open, 0);
  const hasHeld = (run.guard?.verdicts.length ?? 0) > 0;
  const hasRejects = run.counts.rejected > 0 && run.kind !== 'replay';
  const isPlan = isPlanOnly(run);
  // The list of a plan that has ended is not kept.
  const hasPlan = isPlan && run.state !== 'cancelled';
  const usual: Part = isPlan
    ? hasPlan
      ? 'held'
      : 'source'
    : hasHeld
      ? 'held'
      : hasRejects
        ? 'rejects'
        : run.state === 'failed'
          ? 'log'
          : 'changes';
  const [part, setPart] = useSearchState<Part>('tab', usual);
  const changed = run.counts.created + run.counts.updated;
  const named = (name: string, count: number) => (
    <>
      {name} {count > 0 && <span className="font-normal text-muted-foreground">{format.number(count)}</span>}
    </>
  );
  const tabs = [
    ...(hasPlan
      ? [{ value: 'held' as const, label: named(t('tab.plan'), plannedOf(run)), content: <Effects run={run} /> }]
      : []),
    ...(hasHeld && !isPlan
      ? [{ value: 'held' as const, label: named(t('tab.held'), pendingOf(run)), content: <Effects run={run} /> }]
      : []),
    ...(isPlan
      ? []
      : [{ value: 'changes' as const, label: named(t('tab.changes'), changed), content: <Changes run={run} /> }]),
    ...(run.kind === 'replay'
      ? []
      : [
          {
            value: 'rejects' as const,
            label: named(t('tab.rejects'), run.counts.rejected),
            content: (
              <Lazily>
                <Rejects run={run} />
              </Lazily>
            ),
          },
        ]),
    {
      value: 'source' as const,
      label: t('tab.source'),
      content: (
        <Lazily>
          <Source run={run} />
        </Lazily>
      ),
    },
    { value: 'log' as const, label: t('tab.log'), content: <Log run={run} /> },
  ];
  const shown = tabs.some((tab) => tab.value === part) ? part : usual;
  return (
    <>
      <Verdict run={run} config={config} isLive={isLive} openRejects={run.counts.rejected > 0 ? openRejects : 0} />
      <div className="grid items-start gap-5 lg:grid-cols-[18rem_minmax(0,1fr)]">
        <div className="grid min-w-0 gap-5 sm:grid-cols-2 lg:grid-cols-1">
          <Counts run={run} />
          <Why run={run} />
          <Facts run={run} name={<ConfigName run={run} name={config?.name} />} />
        </div>
        <Card className="max-lg:-order-1">
          <Tabs
            label={t('parts')}
            tabs={tabs}
            value={shown}
            onChange={setPart}
            className="pt-3 [&>[role=tablist]]:px-4 [&>[role=tabpanel]]:pt-0"
          />
        </Card>
      </div>
    </>
  );
}

const Lazily = ({ children }: { children: ReactNode }) => <Suspense fallback={<TableSkeleton />}>{children}</Suspense>;

function ConfigName({ run, name }: { run: Run; name: string | undefined }) {
  if (!name) return '…';
  if (!stands('/integrations/:id')) return <Bdi>{name}</Bdi>;
  return (
    <Link to={`/integrations/${run.config_id}`} className="rounded-sm text-primary hover:underline">
      <Bdi>{name}</Bdi>
    </Link>
  );
}

function Log({ run }: { run: Run }) {
  const t = useMessages(runMessages);
  const query = useInfiniteQuery({
    ...listLogsInfiniteOptions({ path: { id: run.config_id }, query: { run: run.id, limit: 100 } }),
    ...byCursor,
    refetchInterval: isWorking(run) ? 3_000 : false,
  });
  return (
    <>
      <Loaded
        query={query}
        skeleton={<TableSkeleton rows={3} />}
        isEmpty={(data) => itemsOf(data).length === 0}
        empty={<EmptyState icon={ScrollText} title={t('noLog')} description={t('noLogDetail')} />}
      >
        {(data) => itemsOf(data).map((line) => <LogRow key={line.id} line={line} />)}
      </Loaded>
      <More query={query} />
    </>
  );
}

function ReviewSkeleton() {
  return (
    <>
      <Skeleton className="mb-5 h-40 rounded-lg" />
      <div className="grid gap-5 lg:grid-cols-[18rem_minmax(0,1fr)]">
        <Skeleton className="h-72 rounded-lg" />
        <Card>
          <TableSkeleton rows={8} />
        </Card>
      </div>
    </>
  );
}
