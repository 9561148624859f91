import type { Run } from '@/api/generated/types.gen';
import { Notice } from '@/components/ui/notice';
import { type Column, DataTable } from '@/components/ui/table';
import { Bdi, Fact, Mono } from '@/components/ui/text';
import { domainMessages } from '@/i18n/domain';
import { type Key, useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { runMessages } from './messages';

type Stream = Run['streams'][number];
type Text = Key<typeof runMessages.en>;

/** What was read, and what the connector found out about it by itself. */
export function Source({ run }: { run: Run }) {
  const t = useMessages(runMessages);
  const d = useMessages(domainMessages);
  const format = useFormats();
  const columns: Column<Stream>[] = [
    {
      id: 'stream',
      header: t('stream'),
      isName: true,
      cell: (stream) => (
        <span className="min-w-0">
          <span className="block font-medium">
            <Bdi>{stream.stream}</Bdi>
          </span>
          <span className="text-xs text-muted-foreground">
            {d(`entity.${stream.target_entity}`)}
            {!stream.finished && <> · {t('unfinished')}</>}
          </span>
        </span>
      ),
    },
    ...(['read', 'created', 'updated', 'unchanged', 'rejected'] as const).map((effect) => ({
      id: effect,
      header: d(`effect.${effect}`),
      isNumber: true,
      cell: (stream: Stream) => format.number(stream.counts[effect]),
    })),
  ];
  return (
    <div>
      <DataTable
        caption={t('sourceCaption')}
        columns={columns}
        rows={run.streams}
        rowKey={(stream) => `${stream.stream} ${stream.target_entity}`}
      />
      {run.streams.map((stream) => (
        <section key={`${stream.stream} ${stream.target_entity}`} className="flex flex-col gap-3 border-t p-4">
          <h3 className="font-medium">
            {t('found')}
            {run.streams.length > 1 && (
              <>
                {' · '}
                <Bdi>{stream.stream}</Bdi>
              </>
            )}
          </h3>
          {stream.warnings.length > 0 && (
            <Notice tone="warning" title={t('warningsTitle', { count: stream.warnings.length })}>
              <ul dir="ltr" lang="en" className="list-disc ps-4">
                {stream.warnings.map((warning) => (
                  <li key={warning}>{warning}</li>
                ))}
              </ul>
            </Notice>
          )}
          <Found found={stream.found} />
        </section>
      ))}
    </div>
  );
}

/** `delimiter_by` tells how `delimiter` was found. */
function Found({ found }: { found: Stream['found'] }) {
  const t = useMessages(runMessages);
  const names = Object.keys(found).filter((name) => !name.endsWith('_by'));
  if (names.length === 0) return <p className="text-muted-foreground">{t('foundNothing')}</p>;
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-3 lg:grid-cols-4">
      {names.map((name) => {
        const known = `found.${name}`;
        const by = found[`${name}_by`];
        return (
          <Fact key={name} name={Object.hasOwn(runMessages.en, known) ? t(known as Text) : <Mono>{name}</Mono>}>
            <Finding value={found[name] ?? ''} />
            {by && Object.hasOwn(runMessages.en, `by.${by}`) && (
              <span className="block text-xs text-muted-foreground">
                {t('found.by', { how: t(`by.${by}` as Text) })}
              </span>
            )}
          </Fact>
        );
      })}
    </dl>
  );
}

function Finding({ value }: { value: string }) {
  const t = useMessages(runMessages);
  if (value === 'true') return t('yes');
  if (value === 'false') return t('no');
  if (value === '\t') return t('tab');
  return <Mono>{value === '' ? '—' : value}</Mono>;
}
