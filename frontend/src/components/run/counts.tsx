import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Run } from '@/api/generated/types.gen';
import { isWorking } from '@/api/run-events';
import { Card, CardHeader } from '@/components/ui/card';
import { type Tone, tones } from '@/components/ui/state';
import { CopyButton, Fact, Mono, RelativeTime } from '@/components/ui/text';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { useFormats } from '@/lib/format';
import { stands } from '@/pages';
import { runMessages } from './messages';
import { causeText, isBeyond, isPlanOnly, wouldText } from './verdicts';

const shown = [
  ['created', 'success'],
  ['updated', 'info'],
  ['unchanged', null],
  ['set_aside', 'held'],
  ['rejected', 'danger'],
  ['duplicate', 'warning'],
] as const satisfies readonly [keyof Run['counts'], Tone | null][];

/** What became of the rows, each kind beside the whole. */
export function Counts({ run }: { run: Run }) {
  const t = useMessages(runMessages);
  const d = useMessages(domainMessages);
  const format = useFormats();
  const { counts } = run;
  const rows = shown.filter(([effect]) => counts[effect] > 0 || effect === 'created' || effect === 'rejected');
  return (
    <Card>
      <CardHeader title={t(isPlanOnly(run) ? 'planCounts' : 'counts')} />
      <dl className="flex flex-col gap-3 px-4 pb-4">
        {rows.map(([effect, tone]) => (
          <div key={effect} className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1 text-table">
            <dt>{d(`effect.${effect}`)}</dt>
            <dd className="font-medium">{format.number(counts[effect])}</dd>
            <dd className="col-span-2" aria-hidden>
              <Bar share={counts.read > 0 ? counts[effect] / counts.read : 0} tone={tone} />
            </dd>
          </div>
        ))}
      </dl>
      <p className="px-4 pb-4 text-xs text-muted-foreground">
        {t(isWorking(run) ? 'sumOpen' : 'sum', { count: counts.read })}
        {counts.warned > 0 && <> {t('verdict.warned', { count: counts.warned })}</>}
        {counts.replayed > 0 && run.kind !== 'replay' && <> {t('replayedOf', { count: counts.replayed })}</>}
      </p>
    </Card>
  );
}

/** Beside a number: for the eye alone. */
function Bar({ share, tone }: { share: number; tone: Tone | null }) {
  return (
    <span className="block h-1.5 overflow-hidden rounded-full bg-muted" aria-hidden>
      <span
        className={cn('block h-full rounded-full', tone ? tones[tone].solid : 'bg-input')}
        // A little stays to be seen of what is there at all.
        style={{ inlineSize: share > 0 ? `max(4px, ${share * 100}%)` : 0 }}
      />
    </span>
  );
}

/** What the guard has counted beside its limits, and what it knows of the snapshot. */
export function Why({ run }: { run: Run }) {
  const t = useMessages(runMessages);
  const d = useMessages(domainMessages);
  const format = useFormats();
  const verdicts = run.guard?.verdicts ?? [];
  if (verdicts.length === 0) return null;
  const isHeld = verdicts.some((verdict) => verdict.held);
  return (
    <Card>
      <CardHeader title={t(isHeld ? 'why' : 'whyNot')} />
      <ul className="flex flex-col gap-4 px-4 pb-4 text-table">
        {verdicts.flatMap((verdict) =>
          verdict.kinds.map((kind) => {
            const beyond = isBeyond(kind);
            return (
              <li key={`${verdict.entity} ${kind.kind}`} className="flex flex-col gap-1">
                <p>{wouldText(t, kind.kind, verdict.entity, kind.count)}</p>
                <p className={cn('text-xs', beyond ? 'font-medium text-held' : 'text-muted-foreground')}>
                  {kind.limit === null
                    ? t('noLimit')
                    : `${t('limit', { limit: kind.limit })} · ${t(beyond ? 'beyond' : 'within')}`}
                  {kind.earlier > 0 && ` · ${t('earlier', { earlier: kind.earlier })}`}
                </p>
                <Bar share={kind.whole > 0 ? kind.count / kind.whole : 1} tone={beyond ? 'held' : null} />
                <p className="text-muted-foreground">{causeText(t, kind)}</p>
              </li>
            );
          }),
        )}
        {verdicts.map(
          ({ snapshot, entity }) =>
            snapshot && (
              <li key={entity}>
                <dl className="grid grid-cols-2 gap-3">
                  <Fact name={t('present')}>{d('people', { count: snapshot.present })}</Fact>
                  <Fact name={t('absent')}>{d('people', { count: snapshot.absent })}</Fact>
                  <Fact name={t('mayLack')}>{format.percent(snapshot.may_lack_percent / 100)}</Fact>
                </dl>
                {snapshot.doubt && (
                  <p dir="ltr" lang="en" className="mt-2 text-muted-foreground">
                    {snapshot.doubt}
                  </p>
                )}
              </li>
            ),
        )}
      </ul>
      {isHeld && stands('/integrations/:id') && (
        <p className="border-t px-4 py-3 text-table">
          <Link to={`/integrations/${run.config_id}?tab=safety`} className="rounded-sm text-primary hover:underline">
            {t('changeLimits')}
          </Link>
        </p>
      )}
    </Card>
  );
}

/** How it came about, and when. */
export function Facts({ run, name }: { run: Run; name: ReactNode }) {
  const t = useMessages(runMessages);
  const d = useMessages(domainMessages);
  const format = useFormats();
  return (
    <Card>
      <CardHeader title={t('facts')} />
      <dl className="grid grid-cols-2 gap-x-4 gap-y-3 px-4 pb-4">
        <Fact name={t('integration')} className="col-span-2">
          {name}
        </Fact>
        <Fact name={t('trigger')}>{d(`trigger.${run.trigger}`)}</Fact>
        <Fact name={t('started')}>
          <RelativeTime at={run.started_at ?? run.created_at} />
        </Fact>
        {run.finished_at && run.started_at && (
          <Fact name={t('took')}>
            {format.duration(new Date(run.finished_at).getTime() - new Date(run.started_at).getTime())}
          </Fact>
        )}
        {run.finished_at && (
          <Fact name={t('ended')}>
            <RelativeTime at={run.finished_at} />
          </Fact>
        )}
        <Fact name={t('mappingVersion')}>{format.number(run.mapping_version)}</Fact>
        {run.attempt > 1 && <Fact name={t('attempt')}>{format.number(run.attempt)}</Fact>}
        <Fact name={t('id')} className="col-span-2">
          <span className="flex flex-wrap items-center justify-between gap-1">
            <Mono className="text-[0.6875rem] break-all">{run.id}</Mono>
            <CopyButton text={run.id} />
          </span>
        </Fact>
      </dl>
    </Card>
  );
}
