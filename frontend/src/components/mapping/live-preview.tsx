import {
  ChevronLeft,
  ChevronRight,
  CircleCheck,
  CircleDashed,
  CircleX,
  Clock,
  Copy,
  Eye,
  FileUp,
  Link2,
  type LucideIcon,
  Pencil,
  SearchX,
  ShieldAlert,
  TriangleAlert,
  UserPlus,
} from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import type { MappingPreview } from '@/api/generated/types.gen';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { EmptyState } from '@/components/ui/empty-state';
import { FailureNote } from '@/components/ui/failure';
import { Refreshing } from '@/components/ui/loaded';
import { SearchInput } from '@/components/ui/search-input';
import { Segments } from '@/components/ui/segments';
import { Skeleton } from '@/components/ui/skeleton';
import { State, type Tone } from '@/components/ui/state';
import { Mono } from '@/components/ui/text';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { useFormats } from '@/lib/format';
import { mappingMessages } from './messages';
import type { Row } from './rows';

export type PreviewOf = 'first' | 'random' | 'failing' | 'person' | 'rejects';
type PreviewRow = MappingPreview['rows'][number];

interface LivePreviewProps {
  query: {
    data: MappingPreview | undefined;
    error: unknown;
    isFetching: boolean;
    isPending: boolean;
    refetch: () => unknown;
  };
  of: PreviewOf;
  onOf: (of: PreviewOf) => void;
  /** The external id that is looked for. */
  person: string;
  onPerson: (person: string) => void;
  /** How many rejects of the last run can be looked at; undefined where there is no such choice. */
  rejects?: number | undefined;
  /** Where each given row stands in the source. */
  places?: readonly number[] | undefined;
  /** What keeps the preview from being asked for. */
  waitsFor?: 'file' | 'correction' | undefined;
  active: Row | undefined;
  onActive: (target: string) => void;
  className?: string;
}

/** Rows as they come, and what the mappings make of them: each step of the row in hand, and the whole record. */
export function LivePreview(props: LivePreviewProps) {
  const { query, of, onOf, person, onPerson, rejects, places, waitsFor, active, onActive, className } = props;
  const t = useMessages(mappingMessages);
  const format = useFormats();
  const [index, setIndex] = useState(0);
  const preview = query.data;
  const rows = preview?.rows ?? [];
  // biome-ignore lint/correctness/useExhaustiveDependencies: another choice of rows begins at its first
  useEffect(() => setIndex(0), [of]);
  const at = Math.min(index, Math.max(0, rows.length - 1));
  const row = rows[at];
  return (
    <Card className={className} aria-label={t('preview')}>
      <header className="flex flex-wrap items-center justify-between gap-2 border-b px-4 py-2.5">
        <h2 className="flex items-center gap-2 font-semibold">
          {t('preview')} <Refreshing isFetching={query.isFetching} />
        </h2>
        <Segments
          label={t('rows')}
          value={of}
          onChange={onOf}
          choices={[
            { value: 'first', label: t('first') },
            { value: 'random', label: t('random') },
            { value: 'failing', label: t('failing') },
            { value: 'person', label: t('person') },
            ...(rejects === undefined
              ? []
              : [{ value: 'rejects' as const, label: t('rejects'), count: format.number(rejects) }]),
          ]}
        />
        {of === 'person' && (
          <SearchInput label={t('personKey')} value={person} onSearch={onPerson} className="w-full" />
        )}
      </header>
      <Body
        query={query}
        waitsFor={waitsFor}
        isIdle={of === 'person' && person.trim() === ''}
        empty={
          of === 'rejects' ? (
            <EmptyState icon={CircleCheck} title={t('noRejects')} className="py-8" />
          ) : of === 'person' ? (
            <EmptyState icon={SearchX} title={t('noPerson')} description={t('noPersonDo')} className="py-8" />
          ) : (
            <EmptyState icon={CircleCheck} title={t('noFailing')} description={t('noFailingDo')} className="py-8" />
          )
        }
      >
        {preview && row && (
          <>
            <div className="flex items-center gap-2 px-4 pt-3">
              <p aria-live="polite" className="flex-1 text-table text-muted-foreground">
                {t('summary', { count: preview.counts.rows, accepted: preview.counts.accepted })}
              </p>
              <Button
                variant="ghost"
                size="icon"
                className="size-8"
                aria-label={t('previous')}
                disabled={at === 0}
                onClick={() => setIndex(at - 1)}
              >
                <ChevronLeft className="mirrored" aria-hidden />
              </Button>
              <span className="text-table text-muted-foreground">{t('rowOf', { n: at + 1, whole: rows.length })}</span>
              <Button
                variant="ghost"
                size="icon"
                className="size-8"
                aria-label={t('next')}
                disabled={at >= rows.length - 1}
                onClick={() => setIndex(at + 1)}
              >
                <ChevronRight className="mirrored" aria-hidden />
              </Button>
            </div>
            <OneRow
              row={row}
              place={places?.[row.at] ?? row.at}
              file={preview.source}
              locator={preview.locator_kind}
              active={active}
              onActive={onActive}
            />
          </>
        )}
      </Body>
    </Card>
  );
}

interface BodyProps extends Pick<LivePreviewProps, 'query' | 'waitsFor'> {
  /** Nothing was asked for yet. */
  isIdle: boolean;
  empty: ReactNode;
  children: ReactNode;
}

function Body({ query, waitsFor, isIdle, empty, children }: BodyProps) {
  const t = useMessages(mappingMessages);
  if (waitsFor === 'file') {
    return <EmptyState icon={FileUp} title={t('previewWaits')} description={t('previewWaitsDo')} className="py-8" />;
  }
  if (isIdle) return <EmptyState icon={SearchX} title={t('personKey')} className="py-8" />;
  const isWaiting = waitsFor === 'correction';
  if (!query.data) {
    if (isWaiting) return <EmptyState icon={Eye} title={t('previewNeeds')} className="py-8" />;
    if (query.error) return <FailureNote error={query.error} retry={() => void query.refetch()} className="m-4" />;
    return (
      <div className="flex flex-col gap-3 p-4">
        {['w-1/2', 'w-2/3', 'w-1/3', 'w-3/4', 'w-1/2', 'w-2/3'].map((width, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they stay where they are
          <Skeleton key={index} className={cn('h-4', width)} />
        ))}
      </div>
    );
  }
  return (
    <>
      {isWaiting && <p className="px-4 pt-3 text-table text-warning">{t('previewNeeds')}</p>}
      {query.error !== null && query.error !== undefined && !isWaiting && (
        <FailureNote error={query.error} retry={() => void query.refetch()} className="m-4 mb-0" />
      )}
      {children || empty}
    </>
  );
}

interface OneRowProps extends Pick<LivePreviewProps, 'active' | 'onActive'> {
  row: PreviewRow;
  place: number;
  file: string;
  locator: string;
}

const outcomes: Record<PreviewRow['effect']['outcome'], { tone: Tone; icon: LucideIcon }> = {
  create: { tone: 'success', icon: UserPlus },
  update: { tone: 'info', icon: Pencil },
  link: { tone: 'info', icon: Link2 },
  unchanged: { tone: 'muted', icon: CircleDashed },
  set_aside: { tone: 'held', icon: ShieldAlert },
  waits: { tone: 'warning', icon: Clock },
  duplicate: { tone: 'muted', icon: Copy },
  reject: { tone: 'danger', icon: CircleX },
};

type PreviewField = PreviewRow['fields'][number];

const presentText = (present: unknown): string =>
  present === null || present === undefined ? '—' : typeof present === 'string' ? present : JSON.stringify(present);

/** Which fields a row would change, as its effect says: whom or what it refers to by their rows, the custom ones as one. */
function changesOf({ effect }: PreviewRow): (field: PreviewField) => boolean {
  const names = new Set(effect.row_id === null ? [] : effect.fields.map(({ name }) => name));
  return ({ state, target_field: target, present, mapped }) =>
    state === 'value' &&
    (names.has(target) ||
      names.has(target.replace(/external_id$/, 'id')) ||
      (names.has(target.split('.')[0] ?? '') && presentText(present) !== presentText(mapped)));
}

const places = ['line', 'row', 'byte_offset', 'index'] as const;

function OneRow({ row, place, file, locator, active, onActive }: OneRowProps) {
  const t = useMessages(mappingMessages);
  const mapped = (name: string) => row.fields.find((field) => field.target_field === name)?.mapped;
  const fullName = [mapped('first_name'), mapped('last_name')].filter(Boolean).join(' ');
  const name = mapped('display_name') || fullName || mapped('title') || mapped('email') || mapped('external_id');
  const kind = places.find((known) => known === locator) ?? 'index';
  const shown = row.fields.find((field) => field.target_field === active?.target) ?? row.fields[0];
  const isChange = changesOf(row);
  const failure = (target: string) => row.failures.find((found) => found.field === target);
  const unmapped = row.failures.filter((found) => !row.fields.some((field) => field.target_field === found.field));
  return (
    <>
      <div className="flex items-start justify-between gap-3 px-4 pt-1 pb-3">
        <div className="min-w-0">
          <p className="truncate font-medium">
            <bdi>{name ?? '—'}</bdi>
          </p>
          <p className="truncate text-table text-muted-foreground">
            {file
              ? t('at', { file, place: t(`place.${kind}`), at: place })
              : t('at', { file: t('rejects'), place: t('place.line'), at: place })}
          </p>
        </div>
        <State tone={outcomes[row.effect.outcome].tone} icon={outcomes[row.effect.outcome].icon} className="shrink-0">
          {row.effect.outcome === 'update'
            ? t('outcome.update', { count: row.effect.fields.length })
            : t(`outcome.${row.effect.outcome}`)}
        </State>
      </div>
      {unmapped.map((found) => (
        <Reason key={`${found.field}${found.code}`} found={found} className="px-4 pb-3" />
      ))}
      {shown && (
        <section aria-label={t('steps', { target: shown.target_field })} className="border-t px-4 py-3 text-table">
          <h3 className="mb-2 font-medium">{t('steps', { target: shown.target_field })}</h3>
          <ol className="flex flex-col gap-2 border-s-2 ps-3">
            <Step name={t('asRead')} value={shown.value} />
            {shown.steps.map((step, index) => (
              <Step
                // biome-ignore lint/suspicious/noArrayIndexKey: a function may stand twice; their order is what they are
                key={index}
                name={<Mono>{step.function}</Mono>}
                value={step.value}
                isFailed={
                  shown.state === 'failed' &&
                  step.value === null &&
                  (index === 0 ? shown.value !== null : shown.steps[index - 1]?.value !== null)
                }
              />
            ))}
          </ol>
        </section>
      )}
      <dl aria-label={t('result')} className="border-t text-table">
        {row.fields.map((field) => {
          const wrong = failure(field.target_field);
          return (
            <div
              key={field.target_field}
              className={cn(
                'grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)] gap-3 border-b px-4 py-1.5 last:border-b-0',
                field.target_field === active?.target && 'bg-muted/60',
              )}
            >
              <dt className="min-w-0">
                <button
                  type="button"
                  onClick={() => onActive(field.target_field)}
                  className="max-w-full rounded-sm text-start hover:underline"
                >
                  <Mono>{field.target_field}</Mono>
                </button>
              </dt>
              <dd className="flex min-w-0 flex-wrap gap-x-2 break-words">
                {isChange(field) && (
                  <bdi className="text-muted-foreground line-through">{presentText(field.present)}</bdi>
                )}
                {field.state === 'value' && (
                  <bdi className={cn(isChange(field) && 'font-medium text-info')}>{field.mapped}</bdi>
                )}
                {field.state === 'absent' && <span className="text-muted-foreground">{t('absent')}</span>}
                {field.state === 'erase' && <span className="text-warning">{t('erases')}</span>}
                {field.state === 'failed' && <bdi className="text-danger">{field.value ?? t('nothing')}</bdi>}
                {wrong && <Reason found={wrong} />}
              </dd>
            </div>
          );
        })}
      </dl>
      {row.warnings.length > 0 && (
        <ul className="border-t px-4 py-2.5 text-table">
          {row.warnings.map((warning) => (
            <li key={warning.field + warning.code} className="flex gap-1.5 text-warning">
              <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-label={t('warning')} />
              <span dir="ltr" lang="en">
                {warning.message}
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Step({ name, value, isFailed }: { name: ReactNode; value: string | null; isFailed?: boolean }) {
  const t = useMessages(mappingMessages);
  return (
    <li>
      <p className="text-xs text-muted-foreground">{name}</p>
      {isFailed ? (
        <p className="text-danger">{t('failed')}</p>
      ) : value === null ? (
        <p className="text-muted-foreground">{t('nothing')}</p>
      ) : (
        <p>
          <Mono className="whitespace-pre-wrap">{JSON.stringify(value)}</Mono>
        </p>
      )}
    </li>
  );
}

function Reason({ found, className }: { found: PreviewRow['failures'][number]; className?: string }) {
  return (
    <p dir="ltr" lang="en" className={cn('text-danger in-[:dir(rtl)]:text-end', className)}>
      {found.message} {found.hint}
    </p>
  );
}
