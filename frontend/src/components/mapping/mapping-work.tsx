import { useQuery } from '@tanstack/react-query';
import { Plus, Spline } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from 'react';
import { listFunctionsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { EmptyState } from '@/components/ui/empty-state';
import { FailureNote } from '@/components/ui/failure';
import { Notice } from '@/components/ui/notice';
import { Skeleton } from '@/components/ui/skeleton';
import { useMessages } from '@/i18n/messages';
import { useSearchState } from '@/lib/search-state';
import type { PreviewOf } from './live-preview';
import { MappingTable, type SourceColumn } from './mapping-table';
import { mappingMessages } from './messages';
import { type Problem, useFileCheck, usePreview, useProblems, useSuggestions } from './questions';
import { isWhole, newRow, openProposals, type Row } from './rows';
import { attribute, type Entity } from './targets';

const LivePreview = lazy(() => import('./live-preview').then(({ LivePreview }) => ({ default: LivePreview })));
const Suggestions = lazy(() => import('./suggestions').then(({ Suggestions }) => ({ default: Suggestions })));

/** Rejects of the last run, to be tried with the mappings as they are typed. */
export interface RejectedRows {
  rows: readonly Record<string, string | null>[];
  /** Where each stands in the source. */
  places: readonly number[];
}

interface MappingWorkProps {
  config: string;
  stream: string;
  entity: Entity;
  /** All rows of the integration; those of other streams are left as they are. */
  rows: readonly Row[];
  onChange: (rows: Row[]) => void;
  /** What is read, for integrations that read files. */
  file?: string | undefined;
  readsFiles: boolean;
  rejects?: RejectedRows | undefined;
  /** Whether suggestions stand open at first. */
  suggests: boolean;
  /** Told what is wrong, and how many of the rejects would still be rejected. */
  onState?: (state: MappingWorkState) => void;
  /** Above the preview. */
  children?: ReactNode;
}

export interface MappingWorkState {
  /** How many rows have something wrong. */
  wrong: number;
  problems: Map<string, Problem[]>;
  /** False while the newest rows are still being looked at. */
  isChecked: boolean;
  suggestions: number;
  stillRejected: number | undefined;
}

/** The mappings of one stream: suggestions, table and live preview. */
export function MappingWork(props: MappingWorkProps) {
  const { config, stream, entity, rows, onChange, file, readsFiles, rejects, suggests, onState, children } = props;
  const t = useMessages(mappingMessages);
  const [of, setOf] = useSearchState<PreviewOf>('rows', 'first');
  const [person, setPerson] = useSearchState('person', '');
  const [active, setActive] = useState('');
  const isOwn = (row: Row) => row.stream === stream && row.entity === entity;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `isOwn` says nothing that stream and entity don't
  const own = useMemo(() => rows.filter(isOwn), [rows, stream, entity]);
  const setOwn = (next: readonly Row[]) => {
    const first = rows.findIndex(isOwn);
    const others = rows.filter((row) => !isOwn(row));
    const place = first < 0 ? others.length : rows.slice(0, first).filter((row) => !isOwn(row)).length;
    onChange([...others.slice(0, place), ...next, ...others.slice(place)]);
  };

  const functions = useQuery({ ...listFunctionsOptions(), staleTime: Number.POSITIVE_INFINITY });
  const check = useFileCheck(config, file);
  const canRead = !readsFiles || file !== undefined;
  const { problems, query: validation, isSettled } = useProblems({ config, rows, file });
  const found = useSuggestions({ config, file, stream, entity, isEnabled: canRead }).data;
  const looksAtRejects = of === 'rejects' && rejects !== undefined;
  const whatever = problems.get('') ?? [];
  const sound = own.filter((row) => !problems.has(row.key));
  const canPreview = canRead && validation.data !== undefined && isSettled && whatever.length === 0 && sound.length > 0;
  const preview = usePreview({
    config,
    rows: sound,
    file,
    stream,
    entity,
    choose: of === 'person' ? 'key' : of === 'rejects' ? 'first' : of,
    person,
    isEnabled: canPreview && !looksAtRejects,
  });
  const replay = usePreview({
    config,
    rows: sound,
    stream,
    entity,
    given: rejects?.rows,
    isEnabled: canPreview && rejects !== undefined,
  });
  const shown = looksAtRejects ? replay : preview;
  const unfinished = rows.filter((row) => !isWhole(row)).length;
  const wrong = [...problems.keys()].filter((key) => key !== '').length + whatever.length + unfinished;
  const suggestions = openProposals(found, own).length;
  const stillRejected = rejects && replay.data && !replay.isPlaceholderData ? replay.data.counts.rejected : undefined;

  useEffect(() => {
    onState?.({ wrong, problems, isChecked: isSettled, suggestions, stillRejected });
  }, [onState, wrong, problems, isSettled, suggestions, stillRejected]);

  const columns = useMemo<SourceColumn[]>(() => {
    if (check.data) return check.data.columns.map((profile) => ({ name: profile.name, profile }));
    const names = [...(found?.proposals ?? []), ...(found?.left_out ?? [])].map((column) => column.source_field);
    return [...new Set(names)].map((name) => ({ name }));
  }, [check.data, found]);
  const activeRow = own.find((row) => row.key === active) ?? own[0];
  const accept = (accepted: Row[]) => setOwn([...own, ...accepted]);
  const missing = whatever.filter((problem) => problem.code === 'required_target_missing');

  return (
    <>
      {suggests && found && (
        <Suspense fallback={<Card className="mb-4 h-24" />}>
          <Suggestions found={found} rows={own} onAccept={accept} />
        </Suspense>
      )}
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_26rem]">
        <Card>
          {own.length === 0 ? (
            <EmptyState icon={Spline} title={t('none')} description={t('noneDo')} />
          ) : readsFiles && file !== undefined && check.isPending ? (
            <div className="flex flex-col gap-5 p-5">
              {own.map((row) => (
                <Skeleton key={row.key} className="h-8" />
              ))}
            </div>
          ) : (
            <MappingTable
              rows={own}
              onChange={setOwn}
              columns={columns}
              functions={functions.data?.items ?? []}
              problems={problems}
              active={activeRow?.key ?? ''}
              onActive={setActive}
            />
          )}
          <div className="flex flex-wrap items-center gap-3 border-t p-3">
            <Button
              size="sm"
              onClick={() => {
                const row = newRow(stream, entity);
                setOwn([...own, row]);
                setActive(row.key);
              }}
            >
              <Plus aria-hidden />
              {t('add')}
            </Button>
            {missing.length > 0 && own.length > 0 && (
              <Notice tone="warning" className="min-w-0 flex-1 py-1.5">
                {t('missing', { fields: missing.map((problem) => problem.target_field ?? attribute).join(', ') })}
              </Notice>
            )}
          </div>
          {check.error !== null && (
            <FailureNote error={check.error} retry={() => void check.refetch()} className="m-3 mt-0" />
          )}
          {validation.error !== null && (
            <FailureNote error={validation.error} retry={() => void validation.refetch()} className="m-3 mt-0" />
          )}
        </Card>
        <div className="flex min-w-0 flex-col gap-4 xl:sticky xl:top-4">
          {children}
          <Suspense fallback={<Card className="h-96" />}>
            <LivePreview
              query={shown}
              of={of === 'rejects' && !rejects ? 'first' : of}
              onOf={setOf}
              person={person}
              onPerson={setPerson}
              rejects={rejects?.rows.length}
              places={looksAtRejects ? rejects.places : undefined}
              waitsFor={
                !canRead ? 'file' : whatever.length > 0 || (isSettled && sound.length === 0) ? 'correction' : undefined
              }
              active={activeRow}
              onActive={(target) => setActive(own.find((row) => row.target === target)?.key ?? '')}
            />
          </Suspense>
        </div>
      </div>
    </>
  );
}
