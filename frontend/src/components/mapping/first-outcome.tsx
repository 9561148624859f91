import { CircleCheck, TriangleAlert, Wrench } from 'lucide-react';
import { createMessages } from '@/components/create/messages';
import { Button } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { EmptyState } from '@/components/ui/empty-state';
import { Loaded } from '@/components/ui/loaded';
import { TableSkeleton } from '@/components/ui/skeleton';
import { State } from '@/components/ui/state';
import { DataTable } from '@/components/ui/table';
import { Mono } from '@/components/ui/text';
import { useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { usePreview } from './questions';
import type { Row } from './rows';
import type { Entity } from './targets';

interface FirstOutcomeProps {
  config: string;
  stream: string;
  entity: Entity;
  rows: readonly Row[];
  file?: string | undefined;
  onFix: () => void;
}

/** What would become of a stream's first rows: how many would be taken, and each one that would not. */
export function FirstOutcome({ config, stream, entity, rows, file, onFix }: FirstOutcomeProps) {
  const t = useMessages(createMessages);
  const format = useFormats();
  const preview = usePreview({ config, rows, file, stream, entity, isEnabled: true });
  const failures = preview.data?.rows.flatMap((row) =>
    row.failures.map((failure) => ({ ...failure, at: row.at, key: `${row.at} ${failure.field} ${failure.code}` })),
  );
  return (
    <Card>
      <CardHeader title={t('preview.title')} description={<bdi>{stream}</bdi>}>
        {preview.data && (
          <State
            tone={preview.data.counts.rejected === 0 ? 'success' : 'warning'}
            icon={preview.data.counts.rejected === 0 ? CircleCheck : TriangleAlert}
          >
            {t('preview.good', { count: preview.data.counts.rows, accepted: preview.data.counts.accepted })}
          </State>
        )}
      </CardHeader>
      <Loaded
        query={preview}
        skeleton={<TableSkeleton rows={3} />}
        isEmpty={({ counts }) => counts.rejected === 0}
        empty={<EmptyState icon={CircleCheck} title={t('preview.allGood')} className="border-t py-8" />}
      >
        {() => (
          <>
            <p className="px-4 pb-3 text-muted-foreground">{t('preview.bad')}</p>
            <DataTable
              caption={t('preview.title')}
              className="border-t"
              rows={failures ?? []}
              rowKey={(failure) => failure.key}
              columns={[
                {
                  id: 'field',
                  header: t('preview.field'),
                  isName: true,
                  cell: (failure) => <Mono className="font-medium">{failure.field || '—'}</Mono>,
                },
                {
                  id: 'where',
                  header: t('preview.where'),
                  isNumber: true,
                  cell: (failure) => format.number(failure.at),
                },
                {
                  id: 'value',
                  header: t('preview.value'),
                  cell: (failure) => <bdi className="break-words">{failure.value ?? '∅'}</bdi>,
                },
                {
                  id: 'why',
                  header: t('preview.why'),
                  cell: (failure) => (
                    <span dir="ltr" lang="en" className="block in-[:dir(rtl)]:text-end">
                      {failure.message} <span className="text-muted-foreground">{failure.hint}</span>
                    </span>
                  ),
                },
                {
                  id: 'fix',
                  header: t('preview.fix'),
                  isHeaderHidden: true,
                  cell: (failure) => (
                    <Button size="sm" onClick={onFix} aria-label={t('preview.fixOne', { field: failure.field })}>
                      <Wrench aria-hidden />
                      {t('preview.fix')}
                    </Button>
                  ),
                },
              ]}
            />
          </>
        )}
      </Loaded>
    </Card>
  );
}
