import { useInfiniteQuery } from '@tanstack/react-query';
import { CirclePlus, FilePen, Link2, type LucideIcon, Sparkles } from 'lucide-react';
import { listChangesInfiniteOptions } from '@/api/generated/@tanstack/react-query.gen';
import type { RecordedChange, Run } from '@/api/generated/types.gen';
import { isWorking } from '@/api/run-events';
import { EmptyState } from '@/components/ui/empty-state';
import { Loaded } from '@/components/ui/loaded';
import { byCursor, itemsOf, More } from '@/components/ui/pages';
import { TableSkeleton } from '@/components/ui/skeleton';
import { State, type Tone } from '@/components/ui/state';
import { type Column, DataTable } from '@/components/ui/table';
import { Bdi, Mono } from '@/components/ui/text';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { FieldChanges, nameIn } from './field-changes';
import { runMessages } from './messages';

const effects: Record<RecordedChange['effect'], { tone: Tone; icon: LucideIcon }> = {
  created: { tone: 'success', icon: CirclePlus },
  updated: { tone: 'info', icon: FilePen },
  linked: { tone: 'info', icon: Link2 },
};

/** What a run did to which row, field by field, in the order in which it did it. */
export function Changes({ run }: { run: Run }) {
  const t = useMessages(runMessages);
  const d = useMessages(domainMessages);
  const query = useInfiniteQuery({
    ...listChangesInfiniteOptions({ path: { id: run.id }, query: { limit: 50 } }),
    ...byCursor,
    refetchInterval: (state) => (isWorking(run) && itemsOf(state.state.data).length < 50 ? 2_000 : false),
  });
  const columns: Column<RecordedChange>[] = [
    {
      id: 'who',
      header: t('who'),
      isName: true,
      cell: (change) => {
        const name = nameIn(change.fields);
        return (
          <span className="min-w-0">
            {name && (
              <span className="block font-medium">
                <Bdi>{name}</Bdi>
              </span>
            )}
            <span className="text-xs text-muted-foreground">
              <Mono>{change.external_id ?? change.row_id ?? '—'}</Mono>
              {run.streams.length > 1 && <> · {d(`entity.${change.entity}`)}</>}
            </span>
          </span>
        );
      },
    },
    {
      id: 'what',
      header: t('what'),
      cell: (change) => (
        <State tone={effects[change.effect].tone} icon={effects[change.effect].icon}>
          {t(`changed.${change.effect}`)}
        </State>
      ),
    },
    {
      id: 'change',
      header: t('change'),
      cell: (change) => <FieldChanges fields={change.fields} isNew={change.effect === 'created'} />,
    },
  ];
  return (
    <>
      <Loaded
        query={query}
        skeleton={<TableSkeleton />}
        isEmpty={(data) => itemsOf(data).length === 0}
        empty={<EmptyState icon={Sparkles} title={t('nothingChanged')} description={t('nothingChangedDetail')} />}
      >
        {(data) => (
          <DataTable
            caption={t('changesCaption')}
            columns={columns}
            rows={itemsOf(data)}
            rowKey={(change) => `${change.entity} ${change.row_id} ${change.external_id} ${change.at} ${change.effect}`}
          />
        )}
      </Loaded>
      <More query={query} />
    </>
  );
}
