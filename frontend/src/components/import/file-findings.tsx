import { CircleCheck, CircleX, Info, TriangleAlert } from 'lucide-react';
import type { SourceProfile } from '@/api/generated/types.gen';
import { Card, CardHeader } from '@/components/ui/card';
import { EmptyState } from '@/components/ui/empty-state';
import { State, type Tone } from '@/components/ui/state';
import { Mono } from '@/components/ui/text';
import { useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { importMessages } from './messages';

type Finding = SourceProfile['findings'][number];

const weights: Record<Finding['weight'], { tone: Tone; icon: typeof Info }> = {
  problem: { tone: 'danger', icon: CircleX },
  warning: { tone: 'warning', icon: TriangleAlert },
  hint: { tone: 'muted', icon: Info },
};

/** What is odd about a file: how many rows, which, and what to do. */
export function FileFindings({ profile }: { profile: SourceProfile }) {
  const t = useMessages(importMessages);
  const looked = {
    count: profile.rows,
    columns: profile.columns.length + profile.columns_left_out,
  };
  return (
    <Card>
      <CardHeader
        title={t('findings')}
        description={profile.is_whole ? t('checked', looked) : t('checkedPart', looked)}
      />
      {profile.findings.length === 0 ? (
        <EmptyState icon={CircleCheck} title={t('clean')} description={t('cleanDo')} className="border-t py-8" />
      ) : (
        <ul className="border-t">
          {profile.findings.map((finding) => (
            <OneFinding key={finding.code + finding.columns.join('\n')} finding={finding} />
          ))}
        </ul>
      )}
    </Card>
  );
}

const said = [
  'unreadable_rows',
  'ambiguous_dates',
  'other_dates',
  'broken_numbers',
  'broken_emails',
  'lost_zeros',
  'mojibake',
  'repeated_values',
  'repeated_rows',
  'missing_values',
  'future_dates',
  'negative_numbers',
  'rare_values',
  'spelling_variants',
  'direction_marks',
  'odd_spaces',
  'extra_spaces',
  'arabic_digits',
  'control_characters',
  'formulas',
] as const;

function OneFinding({ finding }: { finding: Finding }) {
  const t = useMessages(importMessages);
  const format = useFormats();
  const { tone, icon } = weights[finding.weight];
  const code = said.find((known) => known === finding.code);
  return (
    <li className="border-b px-4 py-3 last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <State tone={tone} icon={icon}>
          {t(`weight.${finding.weight}`)}
        </State>
        <h3 className="font-medium">{code ? t(`finding.${code}`) : <bdi lang="en">{finding.message}</bdi>}</h3>
        {finding.columns.map((column) => (
          <Mono key={column} className="rounded-sm bg-muted px-1.5 py-0.5">
            {column}
          </Mono>
        ))}
        <span className="text-muted-foreground">{t('rowsOf', { count: finding.count })}</span>
      </div>
      <p className="mt-1 text-table text-muted-foreground">
        {code ? t(`fix.${code}`) : <bdi lang="en">{finding.fix}</bdi>}
        {finding.transform_function && (
          <>
            {' '}
            {t('mend', { transform: '' })} <Mono>{finding.transform_function}</Mono>
          </>
        )}
      </p>
      {finding.examples.length > 0 && (
        <ul aria-label={t('examples')} className="mt-1.5 flex flex-wrap gap-x-4 gap-y-1 text-table">
          {finding.examples.map((example) => (
            <li key={example.at} className="flex min-w-0 items-baseline gap-1.5">
              <span className="shrink-0 text-muted-foreground">
                {t('exampleAt', { at: format.number(example.at) })}
              </span>
              <Example value={example.value} isRepeat={finding.code.startsWith('repeated_')} />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

/** What nobody would see is written out: spaces at the ends, marks of direction, control characters. */
const visible = (text: string): string =>
  text
    .replace(/^ +| +$| {2,}/g, (spaces) => '·'.repeat(spaces.length))
    .replace(/[\p{Cc}\p{Cf}\u00a0]/gu, (character) => `⟨${character.codePointAt(0)?.toString(16).padStart(4, '0')}⟩`);

function Example({ value, isRepeat }: { value: string; isRepeat: boolean }) {
  const t = useMessages(importMessages);
  const format = useFormats();
  const first = isRepeat ? /^as in (\d+)$/.exec(value)?.[1] : undefined;
  if (first) return <span>{t('sameAs', { at: format.number(Number(first)) })}</span>;
  return <Mono className="min-w-0 whitespace-pre-wrap">{value === '' ? '∅' : visible(value)}</Mono>;
}
