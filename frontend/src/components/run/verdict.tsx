import { useMutation } from '@tanstack/react-query';
import { Ban, Check, RotateCw, Settings2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link, useNavigate } from 'react-router';
import { useOnce } from '@/api/client';
import { approveRun, cancelRun, refuseRun, startSync } from '@/api/generated/sdk.gen';
import type { Config, Run } from '@/api/generated/types.gen';
import { isWorking } from '@/api/run-events';
import { RunProgress } from '@/components/integration/run-progress';
import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { FailureNote } from '@/components/ui/failure';
import { runStates, tones } from '@/components/ui/state';
import { RelativeTime } from '@/components/ui/text';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { useDecide } from './decide';
import { isAboutMappings } from './failures';
import { runMessages } from './messages';
import { RunError } from './run-error';
import { useVerdict } from './use-verdict';
import { causeText, pendingText, plannedOf, wouldText } from './verdicts';

interface VerdictProps {
  run: Run;
  config: Config | undefined;
  isLive: boolean;
  /** Rejects that are still to be done; undefined where it is not known. */
  openRejects: number | undefined;
}

/** What happened, what it means, and what there is to do about it. */
export function Verdict({ run, config, isLive, openRejects }: VerdictProps) {
  const t = useMessages(runMessages);
  const { tone, icon: Icon, isTurning } = runStates[run.state];
  const { title, lines } = useVerdict(run, openRejects);
  return (
    <section
      aria-labelledby="verdict"
      className={cn('mb-5 flex gap-4 rounded-lg border bg-card p-4 shadow-xs sm:p-5', borders[tone])}
    >
      <span
        className={cn(
          'hidden size-11 shrink-0 items-center justify-center rounded-lg sm:flex',
          tones[tone].soft,
          tones[tone].text,
        )}
      >
        <Icon className={cn('size-5', isTurning && 'animate-spin')} aria-hidden />
      </span>
      <div className="flex min-w-0 flex-1 flex-col gap-3">
        <div aria-live="polite">
          <h2 id="verdict" className="text-lg leading-snug font-semibold">
            {title}
          </h2>
          {lines.map((line) => (
            <p key={line} className="max-w-prose text-muted-foreground">
              {line}
            </p>
          ))}
          <Decision run={run} />
        </div>
        {isWorking(run) && <RunProgress run={run} isLive={isLive} />}
        {run.error && <RunError error={run.error} />}
        <Deeds run={run} config={config} />
        {run.message && (
          <details className="text-table text-muted-foreground">
            <summary className="w-fit cursor-pointer rounded-sm hover:text-foreground">{t('hostSays')}</summary>
            <p dir="ltr" lang="en" className="mt-1 max-w-prose">
              {run.message}
            </p>
          </details>
        )}
      </div>
    </section>
  );
}

const borders: Record<keyof typeof tones, string> = {
  success: 'border-border',
  warning: 'border-warning/50',
  danger: 'border-danger/50',
  held: 'border-held/50',
  info: 'border-info/50',
  muted: 'border-border',
};

function Decision({ run }: { run: Run }) {
  const t = useMessages(runMessages);
  const { plan } = run;
  if (plan?.decided_at) {
    const word = plan.state === 'dropped' || plan.state === 'superseded' ? plan.state : 'approved';
    return (
      <p className="text-muted-foreground">
        {t(`plan.${word}`, { by: plan.decided_by ?? '' })} · <RelativeTime at={plan.decided_at} />
      </p>
    );
  }
  if (plan?.state === 'planned' && plan.as_of) {
    return (
      <p className="text-muted-foreground">
        {t('plan.asOf')} <RelativeTime at={plan.as_of} />
      </p>
    );
  }
  const decision = run.guard?.decision;
  if (!decision) return null;
  return (
    <p className="text-muted-foreground">
      {decision.decision === 'superseded'
        ? t('decision.superseded')
        : t(`decision.${decision.decision}`, { by: decision.by })}
      {' · '}
      <RelativeTime at={decision.at} />
    </p>
  );
}

/** What can be done about the run as it stands; nothing where there is nothing. */
function Deeds({ run, config }: { run: Run; config: Config | undefined }) {
  const t = useMessages(runMessages);
  const d = useMessages(domainMessages);
  const decide = useDecide(run);
  const path = { id: run.id };
  if (isWorking(run)) {
    return (
      <Row>
        <ConfirmDialog
          trigger={
            <Button size="sm">
              <Ban aria-hidden />
              {t('cancelRun')}
            </Button>
          }
          title={t('cancelTitle')}
          description={t('cancelDetail', { count: run.counts.created + run.counts.updated + run.counts.unchanged })}
          confirm={t('cancelNow')}
          isDangerous
          onConfirm={() => decide('cancel', (headers) => cancelRun({ path, headers }), t('cancelled'))}
        />
      </Row>
    );
  }
  if (run.state === 'planned' && run.plan?.hash) {
    const { hash } = run.plan;
    const what = d('changes', { count: plannedOf(run) });
    return (
      <Row>
        <ConfirmDialog
          trigger={
            <Button variant="primary">
              <Check aria-hidden />
              {t('apply', { what })}
            </Button>
          }
          title={t('applyTitle', { what })}
          description={t('applyDetail')}
          confirm={t('applyNow')}
          onConfirm={() =>
            decide(['apply', hash], (headers) => approveRun({ path, body: { plan: hash }, headers }), t('applied'))
          }
        >
          {run.guard?.verdicts.some((verdict) => verdict.held) && <Consequences run={run} />}
        </ConfirmDialog>
        <ConfirmDialog
          trigger={
            <Button>
              <Ban aria-hidden />
              {t('drop')}
            </Button>
          }
          title={t('dropTitle')}
          description={t('dropDetail')}
          confirm={t('dropNow')}
          onConfirm={() =>
            decide(['drop', hash], (headers) => refuseRun({ path, body: { plan: hash }, headers }), t('dropped'))
          }
        />
      </Row>
    );
  }
  if (run.state === 'held') {
    const what = pendingText(d, run);
    return (
      <Row>
        <ConfirmDialog
          trigger={
            <Button variant="danger">
              <Check aria-hidden />
              {t('approve', { what })}
            </Button>
          }
          title={t('approveTitle', { what })}
          description={t('approveDetail')}
          confirm={t('approveNow', { what })}
          isDangerous
          onConfirm={() => decide('approve', (headers) => approveRun({ path, headers }), t('approved'))}
        >
          <Consequences run={run} />
        </ConfirmDialog>
        <ConfirmDialog
          trigger={
            <Button>
              <Ban aria-hidden />
              {t('refuse')}
            </Button>
          }
          title={t('refuseTitle', { what })}
          description={t('refuseDetail')}
          confirm={t('refuseNow')}
          onConfirm={() => decide('refuse', (headers) => refuseRun({ path, headers }), t('refused'))}
        />
        <ReadAgain run={run} config={config} />
      </Row>
    );
  }
  if (run.state === 'failed' || run.state === 'cancelled') {
    const isAboutMapping = run.error !== null && isAboutMappings(run.error.code);
    return (
      <Row>
        <ReadAgain run={run} config={config} />
        <Button asChild>
          <Link to={`/integrations/${run.config_id}${isAboutMapping ? '/mappings' : ''}`}>
            <Settings2 aria-hidden />
            {t(isAboutMapping ? 'toMappings' : 'toSettings')}
          </Link>
        </Button>
      </Row>
    );
  }
  return null;
}

const Row = ({ children }: { children: ReactNode }) => (
  <div className="flex flex-wrap gap-2 empty:hidden">{children}</div>
);

/** What an approval would bring about, kind by kind. */
function Consequences({ run }: { run: Run }) {
  const t = useMessages(runMessages);
  return (
    <ul className="flex flex-col gap-1.5 rounded-lg bg-held-soft px-3.5 py-3">
      {run.guard?.verdicts
        .filter((verdict) => verdict.held)
        .flatMap((verdict) =>
          verdict.kinds.map((kind) => (
            <li key={`${verdict.entity} ${kind.kind}`}>
              <span className="font-medium">{wouldText(t, kind.kind, verdict.entity, kind.count)}</span>
              {' · '}
              {causeText(t, kind)}
            </li>
          )),
        )}
    </ul>
  );
}

/** For systems that can be asked at any time; a file is given anew instead. */
function ReadAgain({ run, config }: { run: Run; config: Config | undefined }) {
  const t = useMessages(runMessages);
  const navigate = useNavigate();
  const once = useOnce();
  const sync = useMutation({
    mutationFn: () => startSync({ path: { id: run.config_id }, body: {}, headers: once.headersOf('sync') }),
    onSuccess: ({ data }) => navigate(`/runs/${data.id}`),
  });
  if (!config?.is_active || config.provider === 'file' || run.kind !== 'sync') return null;
  return (
    <>
      <Button variant="ghost" isBusy={sync.isPending} onClick={() => sync.mutate()}>
        <RotateCw aria-hidden />
        {t('readAgain')}
      </Button>
      {sync.error && <FailureNote error={sync.error} className="basis-full" />}
    </>
  );
}
