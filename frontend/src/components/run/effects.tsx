import { useInfiniteQuery } from '@tanstack/react-query';
import {
  CircleCheck,
  CirclePlus,
  CircleSlash,
  CircleX,
  Clock,
  FilePen,
  Hourglass,
  Link2,
  type LucideIcon,
  Repeat,
  ShieldCheck,
} from 'lucide-react';
import { listEffectsInfiniteOptions } from '@/api/generated/@tanstack/react-query.gen';
import type { RecordedEffect, Run } from '@/api/generated/types.gen';
import { EmptyState } from '@/components/ui/empty-state';
import { Loaded } from '@/components/ui/loaded';
import { byCursor, itemsOf, More } from '@/components/ui/pages';
import { Segments } from '@/components/ui/segments';
import { TableSkeleton } from '@/components/ui/skeleton';
import { State, type Tone } from '@/components/ui/state';
import { type Column, DataTable } from '@/components/ui/table';
import { Bdi, Mono } from '@/components/ui/text';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { useSearchState } from '@/lib/search-state';
import { FieldChanges, nameIn } from './field-changes';
import { runMessages } from './messages';
import { isPlanOnly } from './verdicts';

type Kind = RecordedEffect['kinds'][number];
type EffectState = RecordedEffect['state'];
type Effect = RecordedEffect['effect'];

const kinds: Record<Kind, { tone: Tone; icon: LucideIcon }> = {
  deactivate: { tone: 'held', icon: CircleX },
  unenrol: { tone: 'held', icon: CircleSlash },
  key_change: { tone: 'warning', icon: Repeat },
};

const states: Record<EffectState, { tone: Tone; icon: LucideIcon }> = {
  undecided: { tone: 'muted', icon: Clock },
  pending: { tone: 'held', icon: Hourglass },
  applied: { tone: 'success', icon: CircleCheck },
  refused: { tone: 'muted', icon: CircleSlash },
  superseded: { tone: 'muted', icon: Repeat },
  conflict: { tone: 'danger', icon: CircleX },
};

const effectLooks: Record<Effect, { tone: Tone; icon: LucideIcon }> = {
  created: { tone: 'success', icon: CirclePlus },
  updated: { tone: 'info', icon: FilePen },
  linked: { tone: 'info', icon: Link2 },
};

/** How many of each kind a run's guard has counted, over all entities. */
function countsByKind(run: Run): Map<Kind, number> {
  const counts = new Map<Kind, number>();
  for (const verdict of run.guard?.verdicts ?? []) {
    for (const { kind, count } of verdict.kinds) counts.set(kind, (counts.get(kind) ?? 0) + count);
  }
  return counts;
}

/** What a run has set aside: who, what would become of them, and what has become of it. */
export function Effects({ run }: { run: Run }) {
  const t = useMessages(runMessages);
  const d = useMessages(domainMessages);
  const format = useFormats();
  const [kind, setKind] = useSearchState<Kind | 'all'>('kind', 'all');
  const [effect, setEffect] = useSearchState<Effect | 'all'>('effect', 'all');
  const isPlan = isPlanOnly(run);
  const query = useInfiniteQuery({
    ...listEffectsInfiniteOptions({
      path: { id: run.id },
      query: { limit: 100, ...(kind !== 'all' && { kind }), ...(isPlan && effect !== 'all' && { effect }) },
    }),
    ...byCursor,
  });
  const counts = countsByKind(run);
  const isOpen = ['held', 'running', 'planned'].includes(run.state) || isPlan;
  const columns: Column<RecordedEffect>[] = [
    {
      id: 'who',
      header: t('who'),
      isName: true,
      cell: (effect) => (
        <span className="min-w-0">
          <span className="block font-medium">
            <Bdi>
              {effect.name ?? nameIn(effect.fields) ?? (effect.effect === 'created' ? effect.external_id : t('gone'))}
            </Bdi>
          </span>
          <span className="text-xs text-muted-foreground">
            <Mono>{effect.external_id}</Mono>
            {run.streams.length > 1 && <> · {d(`entity.${effect.entity}`)}</>}
          </span>
        </span>
      ),
    },
    {
      id: 'what',
      header: t('what'),
      cell: (effect) => (
        <span className="flex flex-wrap gap-1 card-rows:justify-end">
          {isPlan && (
            <State tone={effectLooks[effect.effect].tone} icon={effectLooks[effect.effect].icon}>
              {t(`would.${effect.effect}`)}
            </State>
          )}
          {effect.kinds.map((kind) => (
            <State key={kind} tone={kinds[kind].tone} icon={kinds[kind].icon}>
              {t(`kind.${kind}`)}
            </State>
          ))}
        </span>
      ),
    },
    {
      id: 'change',
      header: t('change'),
      cell: (effect) => <FieldChanges fields={effect.fields} isNew={effect.effect === 'created'} />,
    },
  ];
  // While all wait for the same decision, saying so in each row says nothing.
  if (!isOpen) {
    columns.push({
      id: 'state',
      header: t('state'),
      cell: (effect) => (
        <State tone={states[effect.state].tone} icon={states[effect.state].icon}>
          {t(`effectState.${effect.state}`)}
        </State>
      ),
    });
  }
  return (
    <>
      {isPlan && (
        <div className="border-b px-4 py-2">
          <Segments
            label={t('planCaption')}
            value={effect}
            onChange={setEffect}
            choices={[
              { value: 'all', label: t('allEffects') },
              ...(['created', 'updated', 'linked'] as const).map((value) => ({ value, label: t(`would.${value}`) })),
            ]}
          />
        </div>
      )}
      {counts.size > 1 && (
        <div className="border-b px-4 py-2">
          <Segments
            label={t('what')}
            value={kind}
            onChange={setKind}
            choices={[
              { value: 'all', label: t('allKinds') },
              ...[...counts].map(([value, count]) => ({
                value,
                label: t(`kind.${value}`),
                count: format.number(count),
              })),
            ]}
          />
        </div>
      )}
      <Loaded
        query={query}
        skeleton={<TableSkeleton />}
        isEmpty={(data) => itemsOf(data).length === 0}
        empty={
          <EmptyState
            icon={ShieldCheck}
            title={t(isPlan ? 'emptyPlan' : 'nothingHeld')}
            description={t(isPlan ? 'emptyPlanDetail' : 'nothingHeldDetail')}
          />
        }
      >
        {(data) => (
          <DataTable
            caption={t(isPlan ? 'planCaption' : 'heldCaption')}
            columns={columns}
            rows={itemsOf(data)}
            rowKey={(effect) => `${effect.entity} ${effect.row_id} ${effect.external_id}`}
          />
        )}
      </Loaded>
      <More query={query} />
    </>
  );
}
