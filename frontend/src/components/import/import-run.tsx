import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Ban, Check, Download, ListChecks, Trash2 } from 'lucide-react';
import { type ReactNode, useCallback } from 'react';
import { Link } from 'react-router';
import { getRunOptions } from '@/api/generated/@tanstack/react-query.gen';
import { approveRun, cancelRun, refuseRun } from '@/api/generated/sdk.gen';
import type { Run } from '@/api/generated/types.gen';
import { isWorking, useRunEvents } from '@/api/run-events';
import { RunProgress } from '@/components/integration/run-progress';
import { useDecide } from '@/components/run/decide';
import { RunError } from '@/components/run/run-error';
import { saveRejects } from '@/components/run/save-rejects';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { FailureNote } from '@/components/ui/failure';
import { Loaded } from '@/components/ui/loaded';
import { Skeleton } from '@/components/ui/skeleton';
import { RunState } from '@/components/ui/state';
import { Fact } from '@/components/ui/text';
import { toast } from '@/components/ui/toast';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { stands } from '@/pages';
import { importMessages } from './messages';

interface ImportRunProps {
  run: string;
  /** What was imported, for the rejects' file name. */
  name: string;
  /** What can be done after it, besides looking at it. */
  children?: ReactNode;
}

/** A run from its start to its verdict: live while it works, then what became of the rows and where to go on. */
export function ImportRun({ run: id, name, children }: ImportRunProps) {
  const query = useQuery({ ...getRunOptions({ path: { id } }), refetchInterval: false });
  const queries = useQueryClient();
  const ended = useCallback(
    () =>
      void queries.invalidateQueries({
        predicate: ({ queryKey }) => JSON.stringify(queryKey).includes('Config'),
      }),
    [queries],
  );
  const { isLive } = useRunEvents(query.data, ended);
  return (
    <Card className="p-4 sm:p-5">
      <Loaded
        query={query}
        skeleton={
          <div className="flex flex-col gap-3">
            <Skeleton className="h-6 w-40" />
            <Skeleton className="h-2" />
          </div>
        }
      >
        {(run) =>
          isWorking(run) ? (
            <Working run={run} isLive={isLive} />
          ) : (
            <Verdict run={run} name={name}>
              {children}
            </Verdict>
          )
        }
      </Loaded>
    </Card>
  );
}

function Working({ run, isLive }: { run: Run; isLive: boolean }) {
  const t = useMessages(importMessages);
  const decide = useDecide(run);
  const cancel = useMutation({
    mutationFn: () => decide('cancel', (headers) => cancelRun({ path: { id: run.id }, headers })),
  });
  return (
    <div className="flex flex-col gap-4">
      <RunProgress run={run} isLive={isLive} />
      <div>
        <Button size="sm" isBusy={cancel.isPending} disabled={cancel.isSuccess} onClick={() => cancel.mutate()}>
          <Ban aria-hidden />
          {cancel.isSuccess ? t('cancelling') : t('cancelRun')}
        </Button>
      </div>
      {cancel.error !== null && <FailureNote error={cancel.error} />}
    </div>
  );
}

const effects = ['created', 'updated', 'unchanged', 'set_aside', 'rejected', 'duplicate'] as const;

/**
 * A dry run's plan is applied, exactly as it was shown, or dropped. One beyond the limits is applied where all that comes of
 * it is shown: on the run's own page.
 */
function DecidePlan({ run }: { run: Run }) {
  const t = useMessages(importMessages);
  const decide = useDecide(run);
  const path = { path: { id: run.id } };
  const plan = run.plan?.hash ?? '';
  const apply = useMutation({
    mutationFn: () => decide(['apply', plan], (headers) => approveRun({ ...path, body: { plan }, headers })),
  });
  const drop = useMutation({
    mutationFn: () => decide(['drop', plan], (headers) => refuseRun({ ...path, body: { plan }, headers })),
  });
  const error = apply.error ?? drop.error;
  return (
    <>
      {error !== null && <FailureNote error={error} className="basis-full" />}
      {!isBeyondLimits(run) && (
        <Button variant="primary" isBusy={apply.isPending} disabled={drop.isPending} onClick={() => apply.mutate()}>
          <Check aria-hidden />
          {t('applyPlan')}
        </Button>
      )}
      <Button isBusy={drop.isPending} disabled={apply.isPending} onClick={() => drop.mutate()}>
        <Trash2 aria-hidden />
        {t('dropPlan')}
      </Button>
    </>
  );
}

/** Whether somebody has to look at what a plan would do before it is applied: more than the guard lets pass by itself. */
const isBeyondLimits = (run: Run): boolean =>
  run.state === 'planned' && (run.guard?.verdicts.some((verdict) => verdict.held) ?? false);

function Verdict({ run, name, children }: { run: Run; name: string; children?: ReactNode }) {
  const t = useMessages(importMessages);
  const d = useMessages(domainMessages);
  const format = useFormats();
  const { counts } = run;
  const sentence = {
    done: () => t('verdictDone', { rows: d('rows', { count: counts.read }) }),
    done_with_rejects: () =>
      t('verdictRejects', {
        good: counts.read - counts.rejected,
        whole: counts.read,
        rejected: counts.rejected,
      }),
    held: () => t('verdictHeld'),
    planned: () => t(isBeyondLimits(run) ? 'verdictBeyond' : 'verdictPlanned'),
    failed: () => t('verdictFailed'),
    cancelled: () => t(run.plan ? 'verdictDropped' : 'verdictCancelled'),
    queued: () => '',
    running: () => '',
  }[run.state]();
  const look = run.state === 'planned' ? 'lookPlan' : run.state === 'held' ? 'lookHeld' : 'lookRejects';
  const save = useMutation({
    mutationFn: () => saveRejects(run.id, 'csv', `${name.replace(/\.\w+$/, '')}-rejects.csv`),
    onError: (error) => toast.failed(t('rejectsFailed'), error),
  });
  return (
    <div className="flex flex-col gap-4">
      <div role="status" className="flex flex-col gap-1.5">
        <div>
          <RunState run={run} />
        </div>
        <p className="text-base font-semibold">{sentence}</p>
        {run.error && <RunError error={run.error} />}
        {!run.error && (run.state === 'held' || isBeyondLimits(run)) && run.message && (
          <p dir="ltr" lang="en" className="text-muted-foreground in-[:dir(rtl)]:text-end">
            {run.message}
          </p>
        )}
      </div>
      <dl aria-label={t('counts')} className="flex flex-wrap gap-x-8 gap-y-2">
        <Fact name={d('effect.read')}>
          <span className="text-base font-semibold">{format.number(counts.read)}</span>
        </Fact>
        {effects
          .filter((effect) => counts[effect] > 0)
          .map((effect) => (
            <Fact key={effect} name={d(`effect.${effect}`)}>
              <span className="text-base font-semibold">{format.number(counts[effect])}</span>
            </Fact>
          ))}
      </dl>
      <div className="flex flex-wrap items-center gap-2">
        {run.state === 'planned' && <DecidePlan run={run} />}
        {stands('/runs/:id') && (
          <Button asChild variant={run.state === 'planned' && !isBeyondLimits(run) ? 'outline' : 'primary'}>
            <Link to={`/runs/${run.id}`}>
              <ListChecks aria-hidden />
              {t(look === 'lookRejects' && counts.rejected === 0 ? 'look' : look)}
            </Link>
          </Button>
        )}
        {counts.rejected > 0 && (
          <Button isBusy={save.isPending} onClick={() => save.mutate()}>
            <Download aria-hidden />
            {t('rejectsFile')}
          </Button>
        )}
        {children}
      </div>
      {counts.rejected > 0 && <p className="text-table text-muted-foreground">{t('rejectsHint')}</p>}
    </div>
  );
}
