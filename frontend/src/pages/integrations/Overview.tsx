import { useQuery } from '@tanstack/react-query';
import { CircleCheckBig, Play } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { getOverviewOptions, getRunOptions, listConfigsOptions } from '@/api/generated/@tanstack/react-query.gen';
import type { Overview, Run } from '@/api/generated/types.gen';
import { isWorking, useRunEvents } from '@/api/run-events';
import { RunProgress } from '@/components/integration/run-progress';
import { PageHeader } from '@/components/page-header';
import { failureMessages, runFailureOf } from '@/components/run/failures';
import { useVerdict } from '@/components/run/use-verdict';
import { Button } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { EmptyState } from '@/components/ui/empty-state';
import { Loaded } from '@/components/ui/loaded';
import { Skeleton, TableSkeleton } from '@/components/ui/skeleton';
import { RunState, type RunStateName, runStates, tones } from '@/components/ui/state';
import { type Column, DataTable } from '@/components/ui/table';
import { Bdi, RelativeTime } from '@/components/ui/text';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { useFormats } from '@/lib/format';
import { stands } from '@/pages';
import { overviewMessages } from './Overview.messages';

/** What needs somebody today: held and failed runs, open rejects; then what runs, and what ran. */
export function Page() {
  const t = useMessages(overviewMessages);
  const d = useMessages(domainMessages);
  const overview = useQuery({
    ...getOverviewOptions(),
    refetchInterval: (query) => ((query.state.data?.jobs.running ?? 0) > 0 ? 3_000 : 15_000),
  });
  const configs = useQuery({ ...listConfigsOptions({ query: { limit: 500 } }), refetchInterval: 15_000 });
  const names = new Map(configs.data?.items.map((config) => [config.id, config.name]));
  const nameOf = (run: Run) => names.get(run.config_id) ?? (configs.data ? t('gone') : '…');
  const data = overview.data;
  const dayRuns = data ? Object.values(data.runs_of_last_day).reduce((sum, count) => sum + count, 0) : 0;
  return (
    <>
      <PageHeader
        title={t('title')}
        description={
          data
            ? t('summary', {
                active: data.configs.active,
                connections: t('connections', { count: data.configs.total }),
                runs: d('runs', { count: dayRuns }),
              })
            : '\u00a0'
        }
      />
      <div className="flex flex-col gap-5">
        <section aria-labelledby="needs">
          <h2 id="needs" className="mb-2.5 font-semibold">
            {t('needsYou')}
          </h2>
          {overview.error ? null : (
            <Loaded query={overview} skeleton={<NeedsSkeleton />}>
              {({ needs_you: needs }) => <Needs needs={needs} />}
            </Loaded>
          )}
        </section>
        <Loaded query={overview} skeleton={<TableSkeleton rows={4} className="rounded-lg border bg-card" />}>
          {(overview) => (
            <>
              <div className="grid gap-5 lg:grid-cols-2">
                <LastDay overview={overview} />
                <Now overview={overview} nameOf={nameOf} />
              </div>
              <Latest overview={overview} nameOf={nameOf} />
            </>
          )}
        </Loaded>
      </div>
    </>
  );
}

function NeedsSkeleton() {
  return (
    <div className="grid gap-3 lg:grid-cols-3">
      <Skeleton className="h-24 rounded-lg" />
      <Skeleton className="h-24 rounded-lg" />
      <Skeleton className="h-24 rounded-lg" />
    </div>
  );
}

type Need = Overview['needs_you'][number];

function Needs({ needs }: { needs: Need[] }) {
  const t = useMessages(overviewMessages);
  if (needs.length > 0) {
    return (
      <ul className="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
        {needs.map((need) => (
          <NeedCard key={`${need.kind} ${need.run_id}`} need={need} />
        ))}
      </ul>
    );
  }
  return (
    <Card>
      <EmptyState icon={CircleCheckBig} title={t('nothingTitle')} description={t('nothing')} className="py-8" />
    </Card>
  );
}

const stateOf: Record<Need['kind'], RunStateName> = {
  held: 'held',
  planned: 'planned',
  failed: 'failed',
  rejects: 'done_with_rejects',
};

function NeedCard({ need: { kind, config, run_id: id, count, since } }: { need: Need }) {
  const t = useMessages(overviewMessages);
  const { tone, icon: Icon } = runStates[stateOf[kind]];
  const run = useQuery({ ...getRunOptions({ path: { id } }), enabled: kind !== 'rejects' }).data;
  const title = t(`need.${kind}`, { name: config, count });
  const action = t(`act.${kind}`);
  return (
    <li className="flex min-w-0 gap-3 rounded-lg border bg-card p-4 shadow-xs">
      <span
        className={cn(
          'flex size-9 shrink-0 items-center justify-center rounded-lg',
          tones[tone].soft,
          tones[tone].text,
        )}
      >
        <Icon className="size-4.5" aria-hidden />
      </span>
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <h3 className="line-clamp-3 font-medium wrap-anywhere">{title}</h3>
        <div className="line-clamp-3 min-h-5 text-table text-muted-foreground">
          {kind === 'rejects' ? t('rejectedDo') : run && <Why run={run} />}
        </div>
        <p className="mt-auto flex flex-wrap items-center justify-between gap-2 pt-1 text-table">
          <RelativeTime at={since} className="text-muted-foreground" />
          {stands('/runs/:id') && (
            <Button asChild variant="link">
              <Link to={`/runs/${id}${kind === 'rejects' ? '?tab=rejects' : ''}`} aria-label={`${action}: ${title}`}>
                {action}
              </Link>
            </Button>
          )}
        </p>
      </div>
    </li>
  );
}

/** The run's verdict in short; of a failed one why. */
function Why({ run }: { run: Run }) {
  const t = useMessages(failureMessages);
  const { title, lines } = useVerdict(run);
  if (!run.error) return <p>{[title, lines[0]].filter(Boolean).join('. ')}</p>;
  const known = runFailureOf(t, run.error.code);
  if (known) return <p>{`${known.title}. ${known.advice}`}</p>;
  return (
    <p dir="ltr" lang="en" className="rtl:text-end">
      {run.error.message}
    </p>
  );
}

const order: readonly RunStateName[] = [
  'held',
  'failed',
  'done_with_rejects',
  'done',
  'planned',
  'running',
  'queued',
  'cancelled',
];

function LastDay({ overview }: { overview: Overview }) {
  const t = useMessages(overviewMessages);
  const format = useFormats();
  const states = order.filter((state) => overview.runs_of_last_day[state] > 0);
  return (
    <Card>
      <CardHeader title={t('lastDay')} />
      {states.length === 0 ? (
        <p className="px-4 pb-4 text-muted-foreground">{t('noRuns')}</p>
      ) : (
        <ul className="flex flex-wrap gap-x-6 gap-y-3 px-4 pb-4">
          {states.map((state) => (
            <li key={state} className="flex items-center gap-2">
              <span className="text-lg font-semibold">{format.number(overview.runs_of_last_day[state])}</span>
              <RunState state={state} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

interface RunsProps {
  overview: Overview;
  nameOf: (run: Run) => string;
}

function Now({ overview, nameOf }: RunsProps) {
  const t = useMessages(overviewMessages);
  const working = overview.last_runs.filter((run) => isWorking(run));
  return (
    <Card>
      <CardHeader
        title={t('now')}
        description={overview.jobs.queued > 0 ? t('jobs', { count: overview.jobs.queued }) : undefined}
      />
      {working.length === 0 ? (
        <p className="px-4 pb-4 text-muted-foreground">{t('idle')}</p>
      ) : (
        <ul className="divide-y">
          {working.map((run) => (
            <li key={run.id} className="px-4 pb-3 not-first:pt-3">
              <Live run={run} name={nameOf(run)} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Live({ run, name }: { run: Run; name: string }) {
  const { data = run } = useQuery({ ...getRunOptions({ path: { id: run.id } }), initialData: run });
  const { isLive } = useRunEvents(data);
  return (
    <div className="flex flex-col gap-1.5">
      <RunLink run={run}>{name}</RunLink>
      <RunProgress run={data} isLive={isLive} />
    </div>
  );
}

function RunLink({ run, children }: { run: Run; children: ReactNode }) {
  const name = <Bdi className="line-clamp-2 text-sm font-medium">{children}</Bdi>;
  if (!stands('/runs/:id')) return name;
  return (
    <Link to={`/runs/${run.id}`} className="rounded-sm hover:underline">
      {name}
    </Link>
  );
}

function Latest({ overview, nameOf }: RunsProps) {
  const t = useMessages(overviewMessages);
  const d = useMessages(domainMessages);
  const format = useFormats();
  const columns: Column<Run>[] = [
    { id: 'name', header: t('integration'), isName: true, cell: (run) => <RunLink run={run}>{nameOf(run)}</RunLink> },
    { id: 'state', header: t('state'), cell: (run) => <RunState run={run} /> },
    {
      id: 'when',
      header: t('when'),
      className: 'text-muted-foreground',
      cell: (run) => <RelativeTime at={run.finished_at ?? run.created_at} />,
    },
    { id: 'how', header: t('how'), className: 'text-muted-foreground', cell: (run) => d(`trigger.${run.trigger}`) },
    { id: 'read', header: t('read'), isNumber: true, cell: (run) => format.number(run.counts.read) },
    {
      id: 'changed',
      header: t('changed'),
      isNumber: true,
      cell: (run) => format.number(run.counts.created + run.counts.updated),
    },
    { id: 'rejects', header: t('rejects'), isNumber: true, cell: (run) => format.number(run.counts.rejected) },
  ];
  return (
    <Card>
      <CardHeader title={t('latest')}>
        {stands('/runs') && (
          <Button asChild size="sm">
            <Link to="/runs">{t('allRuns')}</Link>
          </Button>
        )}
      </CardHeader>
      {overview.last_runs.length === 0 ? (
        <EmptyState icon={Play} title={t('emptyTitle')} description={t('empty')}>
          <Button asChild>
            <Link to="/integrations">{t('toIntegrations')}</Link>
          </Button>
        </EmptyState>
      ) : (
        <DataTable caption={t('latest')} columns={columns} rows={overview.last_runs} rowKey={(run) => run.id} />
      )}
    </Card>
  );
}
