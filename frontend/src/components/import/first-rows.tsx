import { useQuery } from '@tanstack/react-query';
import { previewFile } from '@/api/generated/sdk.gen';
import { Card, CardHeader } from '@/components/ui/card';
import { Loaded } from '@/components/ui/loaded';
import { TableSkeleton } from '@/components/ui/skeleton';
import { mappingMessages } from '@/components/mapping/messages';
import { useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { importMessages } from './messages';

/** The first rows of a file, as an import reads them; scrolls sideways in itself. */
export function FirstRows({ config, file, name }: { config: string; file: string; name: string }) {
  const t = useMessages(importMessages);
  const m = useMessages(mappingMessages);
  const format = useFormats();
  const rows = useQuery({
    queryKey: ['first rows', config, file],
    queryFn: async ({ signal }) =>
      (await previewFile({ path: { id: config, file }, body: { limit: 10 }, signal })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Card>
      <CardHeader
        title={t('firstRows')}
        {...(rows.data && { description: t('firstRowsOf', { n: rows.data.rows.length, file: name }) })}
      />
      <Loaded query={rows} skeleton={<TableSkeleton rows={4} />}>
        {({ fields, rows: items, locator_kind: kind }) => (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
          <div className="overflow-x-auto border-t" tabIndex={0} role="region" aria-label={t('firstRows')}>
            <table className="border-collapse text-table">
              <caption className="sr-only">{t('firstRows')}</caption>
              <thead>
                <tr className="border-b">
                  <th scope="col" className="px-3 py-2 text-end font-medium text-muted-foreground">
                    {m(
                      `place.${(['line', 'row', 'byte_offset', 'index'] as const).find((known) => known === kind) ?? 'index'}`,
                    )}
                  </th>
                  {fields.map((field) => (
                    <th
                      key={field.name}
                      scope="col"
                      className="px-3 py-2 text-start font-medium whitespace-nowrap text-muted-foreground"
                    >
                      <bdi>{field.name}</bdi>
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {items.map((row) => (
                  <tr key={row.at} className="border-b last:border-b-0">
                    <th scope="row" className="px-3 py-1.5 text-end font-normal text-muted-foreground">
                      {format.number(row.at)}
                    </th>
                    {row.error ? (
                      <td colSpan={fields.length} className="px-3 py-1.5 text-danger">
                        {t('unreadable')}: <bdi lang="en">{row.error.message}</bdi>
                      </td>
                    ) : (
                      fields.map((field) => (
                        <td key={field.name} className="max-w-64 truncate px-3 py-1.5">
                          <bdi>{row.values[field.name] ?? ''}</bdi>
                        </td>
                      ))
                    )}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
    </Card>
  );
}
