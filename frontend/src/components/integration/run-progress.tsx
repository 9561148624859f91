import type { Run } from '@/api/generated/types.gen';
import { Progress } from '@/components/ui/progress';
import { RunState } from '@/components/ui/state';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { integrationMessages } from './messages';

interface RunProgressProps {
  run: Run;
  /** Of `useRunEvents`. */
  isLive: boolean;
}

/** How a working run goes: phase, count, rate, and when it will be done. Who hears it is told in tenths. */
export function RunProgress({ run, isLive }: RunProgressProps) {
  const t = useMessages(integrationMessages);
  const d = useMessages(domainMessages);
  const format = useFormats();
  const progress = run.progress;
  // `done` and `total` are about bytes of the input: a share for the bar. People count rows.
  const parts = [d('rows', { count: run.counts.read })];
  const share = progress?.done != null && progress.total ? Math.min(1, progress.done / progress.total) : null;
  if (share !== null) parts.push(format.percent(share));
  if (progress?.rate) parts.push(t('progress.rate', { rate: Math.round(progress.rate) }));
  if (progress?.eta_seconds) {
    parts.push(t('progress.eta', { when: format.relative(Date.now() + progress.eta_seconds * 1000) }));
  }
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <RunState run={run} />
        <p className="text-table text-muted-foreground">{isLive ? parts.join(' · ') : t('reconnecting')}</p>
        {/* What changes each second would never be heard to its end. */}
        <p role="status" className="sr-only">
          {isLive ? share !== null && format.percent(Math.floor(share * 10) / 10) : t('reconnecting')}
        </p>
      </div>
      <Progress label={t('progress')} value={progress?.done ?? 0} max={progress?.total ?? null} />
    </div>
  );
}
