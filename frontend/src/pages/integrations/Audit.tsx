import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { ScrollText } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { listAuditInfiniteOptions, listConfigsOptions } from '@/api/generated/@tanstack/react-query.gen';
import type { AuditEntry } from '@/api/generated/types.gen';
import { Filter, SinceFilter } from '@/components/filters/filter';
import { FilterBar, NoMatch } from '@/components/filters/filter-bar';
import { type Since, sinceOf } from '@/components/filters/since';
import { PageHeader } from '@/components/page-header';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Dialog } from '@/components/ui/dialog';
import { EmptyState } from '@/components/ui/empty-state';
import { Loaded } from '@/components/ui/loaded';
import { byCursor, itemsOf, More } from '@/components/ui/pages';
import { SearchInput } from '@/components/ui/search-input';
import { TableSkeleton } from '@/components/ui/skeleton';
import { type Column, DataTable } from '@/components/ui/table';
import { Bdi, CopyButton, Mono, RelativeTime } from '@/components/ui/text';
import { type Key, type Translate, useMessages } from '@/i18n/messages';
import { useFilters } from '@/lib/search-state';
import { stands } from '@/pages';
import { auditMessages } from './Audit.messages';

const subjects = ['config', 'run', 'reject', 'file', 'provider', 'lookup', 'job'] as const;
type Subject = (typeof subjects)[number];
type Filters = { actor: string; subject: Subject | 'any'; since: Since };

/** What was done, in the page's language; a deed that the page doesn't know by its code. */
function deed(t: Translate<typeof auditMessages.en>, action: string): string {
  return action in auditMessages.en ? t(action as Key<typeof auditMessages.en>) : action;
}

export function Page() {
  const t = useMessages(auditMessages);
  const { filters, change, isFiltered, clear } = useFilters<Filters>({ actor: '', subject: 'any', since: 'ever' });
  const { actor, subject } = filters;
  const [shown, setShown] = useState<AuditEntry | null>(null);
  const from = sinceOf(filters.since);
  const query = useInfiniteQuery({
    ...listAuditInfiniteOptions({
      query: {
        limit: 50,
        ...(actor && { actor }),
        ...(subject !== 'any' && { subject }),
        ...(from && { since: from }),
      },
    }),
    ...byCursor,
    placeholderData: (before) => before,
  });
  const configs = useQuery(listConfigsOptions({ query: { limit: 500 } }));
  const names = new Map(configs.data?.items.map((config) => [config.id, config.name]));
  const entries = itemsOf(query.data);
  const columns: Column<AuditEntry>[] = [
    {
      id: 'when',
      header: t('when'),
      className: 'text-muted-foreground',
      cell: (entry) => <RelativeTime at={entry.created_at} />,
    },
    { id: 'who', header: t('who'), cell: (entry) => (entry.actor === 'host' ? t('host') : <Bdi>{entry.actor}</Bdi>) },
    { id: 'what', header: t('what'), isName: true, cell: (entry) => deed(t, entry.action) },
    {
      id: 'to',
      header: t('to'),
      className: 'min-w-44 wrap-anywhere card-rows:min-w-0',
      cell: (entry) => <Thing entry={entry} names={names} />,
    },
    {
      id: 'detail',
      header: t('detail'),
      isHeaderHidden: true,
      className: 'text-end',
      cell: (entry) => (
        <Button
          variant="ghost"
          size="sm"
          aria-label={t('show', { what: deed(t, entry.action) })}
          onClick={() => setShown(entry)}
        >
          {t('detail')}
        </Button>
      ),
    },
  ];
  return (
    <>
      <PageHeader title={t('title')} description={t('description')} />
      <Card>
        <FilterBar>
          <SearchInput
            label={t('actor')}
            value={actor}
            onSearch={(who) => change({ actor: who })}
            className="w-full sm:w-64"
          />
          <Filter
            label={t('kind')}
            value={subject}
            onChange={(next) => change({ subject: next })}
            choices={[
              { value: 'any', label: t('any') },
              ...subjects.map((name) => ({ value: name, label: t(`subject.${name}`) })),
            ]}
          />
          <SinceFilter value={filters.since} onChange={(since) => change({ since })} />
        </FilterBar>
        <Loaded
          query={query}
          skeleton={<TableSkeleton />}
          isEmpty={() => entries.length === 0}
          empty={
            isFiltered ? (
              <NoMatch title={t('noneTitle')} description={t('none')} clear={clear} />
            ) : (
              <EmptyState icon={ScrollText} title={t('emptyTitle')} description={t('empty')} />
            )
          }
        >
          {() => <DataTable caption={t('title')} columns={columns} rows={entries} rowKey={(entry) => entry.id} />}
        </Loaded>
        <More query={query} />
      </Card>
      <Dialog
        shape="sheet"
        open={shown !== null}
        onOpenChange={(open) => !open && setShown(null)}
        title={shown ? deed(t, shown.action) : ''}
        description={shown && <RelativeTime at={shown.created_at} />}
      >
        {shown && <Detail detail={shown.detail} />}
      </Dialog>
    </>
  );
}

function Detail({ detail }: { detail: unknown }) {
  const t = useMessages(auditMessages);
  const text = JSON.stringify(detail, null, 2);
  return (
    <div className="flex flex-col items-start gap-2">
      <pre dir="ltr" className="w-full rounded-lg bg-muted p-3 font-mono text-xs break-words whitespace-pre-wrap">
        {text}
      </pre>
      <CopyButton text={text} label={t('copy')} />
    </div>
  );
}

/** What it was done to: its kind, and the way there where there is one. */
function Thing({ entry, names }: { entry: AuditEntry; names: Map<string, string> }) {
  const t = useMessages(auditMessages);
  const known = subjects.find((name) => name === entry.subject);
  const kind = known ? t(`subject.${known}`) : entry.subject;
  const detail = entry.detail as Record<string, unknown> | null;
  const said = [detail?.name, detail?.provider].find((value) => typeof value === 'string');
  const id = entry.subject_id;
  const name = (id && names.get(id)) ?? said;
  const path =
    id && entry.subject === 'config' && stands('/integrations/:id')
      ? `/integrations/${id}`
      : id && entry.subject === 'run' && stands('/runs/:id')
        ? `/runs/${id}`
        : null;
  const label = (
    <>
      {kind} {name ? <Bdi>{name}</Bdi> : id && <Mono className="text-muted-foreground">{id.slice(-12)}</Mono>}
    </>
  );
  return path ? (
    <Link to={path} className="rounded-sm text-primary hover:underline">
      {label}
    </Link>
  ) : (
    <span>{label}</span>
  );
}
