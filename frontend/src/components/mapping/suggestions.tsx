import { ArrowRight, Check, CheckCheck, Plus } from 'lucide-react';
import type { MappingSuggestions } from '@/api/generated/types.gen';
import { Button } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { Notice } from '@/components/ui/notice';
import { State } from '@/components/ui/state';
import { Mono } from '@/components/ui/text';
import { useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { mappingMessages } from './messages';
import { newRow, openProposals, type Row, rowOfProposal } from './rows';
import { attribute, attributeName } from './targets';

interface SuggestionsProps {
  found: MappingSuggestions;
  /** Of this stream and entity. */
  rows: readonly Row[];
  onAccept: (rows: Row[]) => void;
}

export function Suggestions({ found, rows, onAccept }: SuggestionsProps) {
  const t = useMessages(mappingMessages);
  const format = useFormats();
  const open = openProposals(found, rows);
  const columns = found.left_out.filter(({ source_field: name }) => !rows.some((row) => row.source === name));
  return (
    <Card className="mb-4">
      <CardHeader
        title={t('suggestions', { count: open.length })}
        description={open.length > 0 ? t('suggestionsFrom', { count: found.rows }) : t('noSuggestions')}
      >
        {open.length > 0 && (
          <Button variant="primary" onClick={() => onAccept(open.map(rowOfProposal))}>
            <CheckCheck aria-hidden />
            {t('acceptAll')}
          </Button>
        )}
      </CardHeader>
      {found.missing.length > 0 && (
        <Notice tone="warning" className="mx-4 mb-3">
          {t('missing', { fields: format.list(found.missing) })}
        </Notice>
      )}
      {open.length > 0 && (
        <ul className="border-t">
          {open.map((proposal) => (
            <li
              key={proposal.target_field}
              className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b px-4 py-2 text-table last:border-b-0"
            >
              <bdi className="font-medium">{proposal.source_field}</bdi>
              <ArrowRight className="mirrored size-4 text-muted-foreground" aria-hidden />
              <Mono>{proposal.target_field}</Mono>
              {proposal.transform_function && (
                <Mono className="max-w-80 truncate rounded-sm bg-muted px-1.5 py-0.5">
                  {proposal.transform_function}
                </Mono>
              )}
              <State tone={proposal.confidence >= 0.9 ? 'success' : 'warning'} icon={Check}>
                {t('sure', { share: format.percent(proposal.confidence) })}
              </State>
              <span dir="ltr" lang="en" className="min-w-40 flex-1 text-muted-foreground in-[:dir(rtl)]:text-end">
                {proposal.reason}
              </span>
              <Button
                size="sm"
                onClick={() => onAccept([rowOfProposal(proposal)])}
                aria-label={t('acceptOne', { source: proposal.source_field, target: proposal.target_field })}
              >
                {t('accept')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {columns.length > 0 && (
        <details className="border-t px-4 py-2.5 text-table">
          <summary className="cursor-pointer rounded-sm text-muted-foreground">
            {t('leftOut')} ({format.number(columns.length)})
          </summary>
          <p className="py-1.5 text-muted-foreground">{t('leftOut_')}</p>
          <ul className="flex flex-wrap gap-2 pb-1">
            {columns.map(({ source_field: name }) => (
              <li key={name}>
                <Button
                  size="sm"
                  aria-label={t('keepOne', { source: name })}
                  title={t('keep')}
                  onClick={() =>
                    onAccept([
                      newRow(found.stream, found.target_entity, {
                        source: name,
                        target: `${attribute}${attributeName(name)}`,
                        transform: 'trim',
                      }),
                    ])
                  }
                >
                  <Plus aria-hidden />
                  <bdi>{name}</bdi>
                </Button>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Card>
  );
}
