import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  ChevronDown,
  CircleCheck,
  CircleX,
  Download,
  EllipsisVertical,
  FilePen,
  Hourglass,
  type LucideIcon,
  RotateCw,
  ShieldCheck,
  Trash2,
  Undo2,
} from 'lucide-react';
import {
  countRejectsOptions,
  getMappingsOptions,
  listRejectsInfiniteOptions,
} from '@/api/generated/@tanstack/react-query.gen';
import { changeReject } from '@/api/generated/sdk.gen';
import type { Mappings, Reject, RejectGroup, Run } from '@/api/generated/types.gen';
import { Button } from '@/components/ui/button';
import { Menu, MenuItem } from '@/components/ui/dropdown-menu';
import { EmptyState } from '@/components/ui/empty-state';
import { FailureNote } from '@/components/ui/failure';
import { Loaded } from '@/components/ui/loaded';
import { byCursor, itemsOf, More } from '@/components/ui/pages';
import { TableSkeleton } from '@/components/ui/skeleton';
import { State, type Tone } from '@/components/ui/state';
import { type Column, DataTable } from '@/components/ui/table';
import { Mono } from '@/components/ui/text';
import { toast } from '@/components/ui/toast';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { useSearchState } from '@/lib/search-state';
import { Value } from './field-changes';
import { runMessages } from './messages';
import { reasonMessages, reasonOf } from './reasons';
import { RejectEditor } from './reject-editor';
import { ReplayNotice, useReplay } from './replay';
import { saveRejects } from './save-rejects';
import { isPlanOnly } from './verdicts';

const states: Record<string, { tone: Tone; icon: LucideIcon }> = {
  open: { tone: 'warning', icon: CircleX },
  corrected: { tone: 'info', icon: FilePen },
  waiting: { tone: 'muted', icon: Hourglass },
  replayed: { tone: 'success', icon: CircleCheck },
  dismissed: { tone: 'muted', icon: Trash2 },
};

/** The source fields that a target field is made of, by the mapping. */
export function sourcesOf(
  mappings: Mappings | undefined,
  reject: Pick<Reject, 'entity' | 'raw'>,
  field: string,
): string[] {
  const lines = mappings?.items.filter((line) => line.target_entity === reject.entity && line.target_field === field);
  return [...new Set(lines?.map((line) => line.source_field))].filter((name) => name in reject.raw);
}

/** A run's rejects by reason: what is wrong, how often, which records; to correct, replay or dismiss. */
export function Rejects({ run }: { run: Run }) {
  const t = useMessages(runMessages);
  const d = useMessages(domainMessages);
  const groups = useQuery(countRejectsOptions({ path: { id: run.id } }));
  const replay = useReplay(run);
  // Of a plan nothing is in, so nothing can be replayed over it.
  const isShown = isPlanOnly(run);
  const [chosen, setChosen] = useSearchState('group', '');
  const [editing, setEditing] = useSearchState('reject', '');
  const mappings = useQuery(getMappingsOptions({ path: { id: run.config_id } })).data;
  return (
    <>
      <Loaded
        query={groups}
        skeleton={<TableSkeleton rows={4} />}
        isEmpty={(data) => data.items.length === 0}
        empty={<EmptyState icon={ShieldCheck} title={t('noRejects')} description={t('noRejectsDetail')} />}
      >
        {({ items }) => {
          const open = items.reduce((sum, group) => sum + group.open, 0);
          const whole = items.reduce((sum, group) => sum + group.count, 0);
          const shown = chosen || (items[0] ? nameOf(items[0]) : '');
          return (
            <>
              <div className="flex flex-wrap items-center justify-between gap-2 border-b px-4 py-3">
                <p className="text-muted-foreground">
                  {isShown ? t('onlyShown') : t('rejectsLeft', { count: open, whole: d('rejects', { count: whole }) })}
                </p>
                <div className="flex flex-wrap gap-2">
                  <DownloadRejects run={run} format="csv" />
                  <DownloadRejects run={run} format="xlsx" />
                  {open > 0 && !isShown && (
                    <Button
                      variant="primary"
                      size="sm"
                      isBusy={replay.isPending && replay.what?.all === true}
                      onClick={() => replay.start({ all: true })}
                    >
                      <RotateCw aria-hidden />
                      {t('replayAll', { count: open })}
                    </Button>
                  )}
                </div>
              </div>
              {(replay.replay || replay.error) && (
                <div className="flex flex-col gap-2 border-b p-4">
                  {replay.error && <FailureNote error={replay.error} />}
                  <ReplayNotice replay={replay} />
                </div>
              )}
              <ul aria-label={t('groups')}>
                {items.map((group) => (
                  <Group
                    key={nameOf(group)}
                    run={run}
                    group={group}
                    mappings={mappings}
                    replay={replay}
                    isOpen={nameOf(group) === shown}
                    toggle={() => setChosen(nameOf(group) === shown ? 'none' : nameOf(group))}
                    edit={setEditing}
                  />
                ))}
              </ul>
            </>
          );
        }}
      </Loaded>
      {editing && !isShown && (
        <RejectEditor run={run} id={editing} mappings={mappings} replay={replay} close={() => setEditing('')} />
      )}
    </>
  );
}

const nameOf = (group: RejectGroup): string => `${group.code}:${group.field}`;

interface GroupProps {
  run: Run;
  group: RejectGroup;
  mappings: Mappings | undefined;
  replay: ReturnType<typeof useReplay>;
  isOpen: boolean;
  toggle: () => void;
  edit: (reject: string) => void;
}

function Group({ run, group, mappings, replay, isOpen, toggle, edit }: GroupProps) {
  const t = useMessages(runMessages);
  const reasons = useMessages(reasonMessages);
  const d = useMessages(domainMessages);
  const reason = reasonOf(reasons, group.code);
  const { code, field } = group;
  const isBusy = replay.isPending && replay.what?.code === code && replay.what.field === field;
  return (
    <li className="border-b last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={toggle}
          className="flex min-w-0 flex-1 items-start gap-2 rounded-sm text-start"
        >
          <ChevronDown
            className={cn(
              'mt-0.5 size-4 shrink-0 text-muted-foreground transition-transform',
              !isOpen && 'mirrored -rotate-90 rtl:rotate-90',
            )}
            aria-hidden
          />
          <span className="min-w-0">
            <span className="font-medium">
              {reason?.title ?? <Mono>{code}</Mono>}{' '}
              {field ? (
                <>
                  {t('inField')} <Mono>{field}</Mono>
                </>
              ) : (
                <>· {t('wholeRecord')}</>
              )}
            </span>
            <span className="block text-table text-muted-foreground">
              {d('rejects', { count: group.count })} ·{' '}
              {group.open > 0 ? t('open', { count: group.open }) : t('settled')}
              {reason && <> · {reason.advice}</>}
            </span>
          </span>
        </button>
        {group.open > 0 && !isPlanOnly(run) && (
          <Button size="sm" isBusy={isBusy} onClick={() => replay.start({ code, field })}>
            <RotateCw aria-hidden />
            {t('replayGroup', { count: group.open })}
          </Button>
        )}
      </div>
      {isOpen && <GroupRows run={run} group={group} mappings={mappings} replay={replay} edit={edit} />}
    </li>
  );
}

function GroupRows({ run, group, mappings, replay, edit }: Omit<GroupProps, 'isOpen' | 'toggle'>) {
  const t = useMessages(runMessages);
  const place = usePlace();
  const query = useInfiniteQuery({
    ...listRejectsInfiniteOptions({
      path: { id: run.id },
      query: { limit: 50, code: group.code, ...(group.field && { field: group.field }) },
    }),
    ...byCursor,
  });
  const columns: Column<Reject>[] = [
    {
      id: 'where',
      header: t('where'),
      isName: true,
      cell: (reject) => (
        <span className="min-w-0">
          <span className="block whitespace-nowrap">{place(reject)}</span>
          {reject.locator.key && <Mono className="text-xs text-muted-foreground">{reject.locator.key}</Mono>}
        </span>
      ),
    },
    {
      id: 'value',
      header: t('value'),
      cell: (reject) => <RejectValue reject={reject} mappings={mappings} />,
    },
    {
      id: 'problem',
      header: t('problem'),
      className: 'card-rows:flex-col card-rows:items-start card-rows:gap-0',
      cell: (reject) => (
        <span dir="ltr" lang="en" className="block max-w-prose card-rows:w-full card-rows:rtl:text-end">
          {reject.message}
        </span>
      ),
    },
    { id: 'state', header: t('state'), cell: (reject) => <RejectState reject={reject} /> },
  ];
  if (!isPlanOnly(run)) {
    columns.push({
      id: 'actions',
      header: t('actions'),
      isHeaderHidden: true,
      cell: (reject) => <RowDeeds reject={reject} replay={replay} edit={edit} />,
    });
  }
  return (
    <div className="border-t bg-background/50">
      <Loaded query={query} skeleton={<TableSkeleton rows={Math.min(6, group.count)} />}>
        {(data) => (
          <DataTable
            caption={t('groups')}
            columns={columns}
            rows={itemsOf(data).filter((reject) => reject.field === group.field)}
            rowKey={(reject) => reject.id}
          />
        )}
      </Loaded>
      <More query={query} />
    </div>
  );
}

function RejectValue({ reject, mappings }: { reject: Reject; mappings: Mappings | undefined }) {
  const sources = sourcesOf(mappings, reject, reject.field);
  if (sources.length === 0) return <span aria-hidden>—</span>;
  return (
    <span className="flex min-w-0 flex-col gap-1 card-rows:items-end">
      {sources.map((name) => {
        const corrected = reject.correction?.raw[name];
        const isCorrected = reject.correction !== null && corrected !== reject.raw[name];
        return (
          <span key={name} className="inline-flex min-w-0 flex-wrap items-baseline gap-x-2">
            {name !== reject.field && <Mono className="text-muted-foreground">{name}</Mono>}
            <Value value={reject.raw[name]} className={cn(isCorrected && 'line-through opacity-70')} />
            {isCorrected && <Value value={corrected} className="font-medium" />}
          </span>
        );
      })}
    </span>
  );
}

function RejectState({ reject }: { reject: Reject }) {
  const t = useMessages(runMessages);
  const name = reject.state === 'open' && reject.correction ? 'corrected' : reject.state;
  const look = states[name] ?? { tone: 'muted' as const, icon: CircleX };
  return (
    <State tone={look.tone} icon={look.icon}>
      {name in states ? t(`rejectState.${name as 'open'}`) : name}
    </State>
  );
}

function RowDeeds({
  reject,
  replay,
  edit,
}: {
  reject: Reject;
  replay: ReturnType<typeof useReplay>;
  edit: (id: string) => void;
}) {
  const t = useMessages(runMessages);
  const place = usePlace();
  const queries = useQueryClient();
  const name = reject.locator.key ?? place(reject);
  const change = useMutation({
    mutationFn: (state: 'open' | 'dismissed') =>
      changeReject({ path: { id: reject.run_id, reject: reject.id }, body: { state } }),
    onSuccess: (_, state) => toast.done(t(state === 'open' ? 'reopened' : 'dismissed')),
    onError: (error) => toast.failed(t('changeFailed'), error),
    onSettled: () =>
      queries.invalidateQueries({ predicate: (query) => JSON.stringify(query.queryKey).includes(reject.run_id) }),
  });
  if (reject.state === 'replayed') return null;
  if (reject.state === 'dismissed') {
    return (
      <Button size="sm" variant="ghost" isBusy={change.isPending} onClick={() => change.mutate('open')}>
        <Undo2 aria-hidden />
        {t('reopen')}
      </Button>
    );
  }
  return (
    <span className="flex justify-end gap-1">
      <Button size="sm" onClick={() => edit(reject.id)} aria-label={t('editOf', { name })}>
        <FilePen aria-hidden />
        {t('edit')}
      </Button>
      <Menu
        trigger={
          <Button size="sm" variant="ghost" aria-label={t('moreOf', { name })}>
            <EllipsisVertical aria-hidden />
          </Button>
        }
      >
        <MenuItem onSelect={() => replay.start({ ids: [reject.id] })}>
          <RotateCw aria-hidden />
          {t('replayOne')}
        </MenuItem>
        <MenuItem onSelect={() => change.mutate('dismissed')}>
          <Trash2 aria-hidden />
          {t('dismiss')}
        </MenuItem>
      </Menu>
    </span>
  );
}

/** Where a record stands in its source, as the source counts. */
export function usePlace(): (reject: Pick<Reject, 'locator'>) => string {
  const t = useMessages(runMessages);
  return ({ locator }) => {
    if (locator.line !== undefined) return t('place.line', { n: locator.line });
    if (locator.row !== undefined) return t('place.row', { n: locator.row });
    if (locator.index !== undefined) return t('place.index', { n: locator.index });
    if (locator.byte_offset !== undefined) return t('place.byte', { n: locator.byte_offset });
    return locator.key ?? locator.file;
  };
}

function DownloadRejects({ run, format }: { run: Run; format: 'csv' | 'xlsx' }) {
  const t = useMessages(runMessages);
  const save = useMutation({
    mutationFn: () => saveRejects(run.id, format, `rejects-${run.id}.${format}`),
    onError: (error) => toast.failed(t('downloadFailed'), error),
  });
  return (
    <Button size="sm" isBusy={save.isPending} onClick={() => save.mutate()}>
      <Download aria-hidden />
      {t(`download.${format}`)}
    </Button>
  );
}
