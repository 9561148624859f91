import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { FileUp, Link2, Plus } from 'lucide-react';
import { useEffect, useMemo } from 'react';
import { Link, useLocation } from 'react-router';
import { ifVersion } from '@/api/client';
import { listConfigsInfiniteOptions, listProvidersOptions } from '@/api/generated/@tanstack/react-query.gen';
import { changeConfig } from '@/api/generated/sdk.gen';
import type { Config } from '@/api/generated/types.gen';
import { isWorking } from '@/api/run-events';
import { FilterBar, NoMatch } from '@/components/filters/filter-bar';
import { ProviderMark } from '@/components/integration/provider-mark';
import { RecentRuns } from '@/components/integration/recent-runs';
import { PageHeader } from '@/components/page-header';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Switch } from '@/components/ui/checkbox';
import { EmptyState } from '@/components/ui/empty-state';
import { Loaded } from '@/components/ui/loaded';
import { byCursor, itemsOf, More } from '@/components/ui/pages';
import { SearchInput } from '@/components/ui/search-input';
import { Segments } from '@/components/ui/segments';
import { TableSkeleton } from '@/components/ui/skeleton';
import { OffState, RunState } from '@/components/ui/state';
import { type Column, DataTable } from '@/components/ui/table';
import { Bdi, RelativeTime } from '@/components/ui/text';
import { toast } from '@/components/ui/toast';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { useFilters } from '@/lib/search-state';
import { stands } from '@/pages';
import { useIntegrationStore } from '@/store/integration';
import { listMessages } from './IntegrationsList.messages';

type Which = 'all' | 'needs' | 'running' | 'off';

const belongs: Record<Which, (config: Config) => boolean> = {
  all: () => true,
  needs: (config) => ['held', 'failed', 'done_with_rejects', 'planned'].includes(config.last_run?.state ?? ''),
  running: (config) => isWorking(config.last_run),
  off: (config) => !config.is_active,
};

export function Page() {
  const t = useMessages(listMessages);
  const d = useMessages(domainMessages);
  const format = useFormats();
  const { filters, change, isFiltered, clear } = useFilters<{ name: string; which: Which }>({ name: '', which: 'all' });
  const { name, which } = filters;
  const query = useInfiniteQuery({
    ...listConfigsInfiniteOptions({ query: { limit: 200, ...(name && { name }) } }),
    ...byCursor,
    placeholderData: (before) => before,
    refetchInterval: (state) =>
      itemsOf(state.state.data).some((config) => isWorking(config.last_run)) ? 2_000 : 30_000,
  });
  const providers = useQuery(listProvidersOptions());
  const providerNames = useMemo(
    () => new Map(providers.data?.items.map((provider) => [provider.id, provider.name])),
    [providers.data],
  );
  const { search } = useLocation();
  const keepSearch = useIntegrationStore((state) => state.keepSearch);
  useEffect(() => keepSearch('/integrations', search), [keepSearch, search]);
  const configs = itemsOf(query.data);
  const shown = configs.filter(belongs[which]);
  const columns = useColumns(providerNames);
  const sum = (entity: keyof Config['owned']) => configs.reduce((total, config) => total + config.owned[entity], 0);
  const isWhole = query.data !== undefined && !query.hasNextPage && name === '';

  return (
    <>
      <PageHeader
        title={t('title')}
        description={
          isWhole && configs.length > 0
            ? t('summary', {
                count: configs.length,
                connections: t('connections', { count: configs.length }),
                people: d('people', { count: sum('users') }),
                enrolments: d('enrolments', { count: sum('enrollments') }),
              })
            : '\u00a0'
        }
      >
        {stands('/import') && (
          <Button asChild>
            <Link to="/import">
              <FileUp aria-hidden />
              {t('import')}
            </Link>
          </Button>
        )}
        {stands('/integrations/new') && (
          <Button asChild variant="primary">
            <Link to="/integrations/new">
              <Plus aria-hidden />
              {t('add')}
            </Link>
          </Button>
        )}
      </PageHeader>
      <Card>
        <FilterBar>
          <SearchInput
            label={t('filter')}
            value={name}
            onSearch={(text) => change({ name: text })}
            className="w-full sm:w-64"
          />
          <Segments
            label={t('which')}
            value={which}
            onChange={(next) => change({ which: next })}
            choices={[
              { value: 'all', label: t('all'), count: format.number(configs.length) },
              { value: 'needs', label: t('needsYou'), count: format.number(configs.filter(belongs.needs).length) },
              { value: 'running', label: t('running'), count: format.number(configs.filter(belongs.running).length) },
              { value: 'off', label: t('off'), count: format.number(configs.filter(belongs.off).length) },
            ]}
          />
        </FilterBar>
        <Loaded
          query={query}
          skeleton={<TableSkeleton />}
          isEmpty={() => shown.length === 0}
          empty={
            !isFiltered ? (
              <EmptyState icon={Link2} title={t('nothingTitle')} description={t('nothing')}>
                {stands('/import') && (
                  <Button asChild variant="primary">
                    <Link to="/import?sample=people">{t('trySample')}</Link>
                  </Button>
                )}
              </EmptyState>
            ) : (
              <NoMatch title={t('noneTitle')} description={t('none')} clear={clear} />
            )
          }
        >
          {() => <DataTable caption={t('title')} columns={columns} rows={shown} rowKey={(config) => config.id} />}
        </Loaded>
        <More query={query} />
      </Card>
    </>
  );
}

function useColumns(providerNames: Map<string, string>): Column<Config>[] {
  const t = useMessages(listMessages);
  const d = useMessages(domainMessages);
  const format = useFormats();
  return [
    {
      id: 'name',
      header: t('name'),
      isName: true,
      cell: (config) => (
        <span className="flex min-w-0 items-center gap-3">
          <ProviderMark provider={config.provider} />
          <span className="min-w-0">
            <Name config={config} />
            <span className="block truncate text-xs text-muted-foreground">
              <Bdi>{providerNames.get(config.provider) ?? config.provider}</Bdi> · {d(`type.${config.type}`)}
            </span>
          </span>
        </span>
      ),
    },
    {
      id: 'last',
      header: t('lastRun'),
      cell: (config) => {
        if (!config.is_active) return <OffState />;
        if (!config.last_run) return <span className="text-muted-foreground">{d('state.never')}</span>;
        const state = <RunState run={config.last_run} />;
        return stands('/runs/:id') ? (
          <Link to={`/runs/${config.last_run.id}`} className="inline-flex rounded-full">
            {state}
          </Link>
        ) : (
          state
        );
      },
    },
    {
      id: 'when',
      header: t('when'),
      className: 'text-muted-foreground',
      cell: (config) =>
        config.last_run ? <RelativeTime at={config.last_run.finished_at ?? config.last_run.created_at} /> : '—',
    },
    {
      id: 'next',
      header: t('next'),
      className: 'text-muted-foreground',
      cell: (config) => (config.next_run_at ? <RelativeTime at={config.next_run_at} /> : '—'),
    },
    { id: 'people', header: t('people'), isNumber: true, cell: (config) => format.number(config.owned.users) },
    {
      id: 'recent',
      header: t('recent'),
      cell: (config) => <RecentRuns states={config.recent_runs} label={t('recentOf', { name: config.name })} />,
    },
    { id: 'active', header: t('active'), cell: (config) => <ActiveSwitch config={config} /> },
  ];
}

function Name({ config }: { config: Config }) {
  const name = <Bdi className="line-clamp-2 text-sm font-medium">{config.name}</Bdi>;
  if (!stands('/integrations/:id')) return name;
  return (
    <Link to={`/integrations/${config.id}`} className="block min-w-0 rounded-sm hover:underline">
      {name}
    </Link>
  );
}

function ActiveSwitch({ config }: { config: Config }) {
  const t = useMessages(listMessages);
  const queries = useQueryClient();
  const { mutate, isPending, variables } = useMutation({
    mutationFn: (isActive: boolean) =>
      changeConfig({ path: { id: config.id }, body: { is_active: isActive }, headers: ifVersion(config.version) }),
    onSuccess: (_, isActive) => {
      toast.done(t(isActive ? 'switchedOn' : 'switchedOff', { name: config.name }));
    },
    onError: (error) => toast.failed(t('switchFailed', { name: config.name }), error),
    onSettled: () =>
      queries.invalidateQueries({ predicate: (query) => JSON.stringify(query.queryKey).includes('Config') }),
  });
  return (
    <Switch
      aria-label={t('switch', { name: config.name })}
      checked={isPending ? variables : config.is_active}
      // The next one needs the version that this one makes.
      onCheckedChange={(isActive) => !isPending && mutate(isActive)}
    />
  );
}
