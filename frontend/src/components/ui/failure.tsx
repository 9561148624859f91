import { Ban, CircleX, Clock, CloudOff, type LucideIcon, RotateCw, ShieldX } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { type Failure, failureOf } from '@/api/problem';
import { domainMessages, roleName } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { useSession } from '@/store/session';
import { Button } from './button';
import { kitMessages } from './messages';
import { Mono } from './text';

/** Codes that say more than their status does: docs/api.md. */
const codes = [
  'plan_stale',
  'run_in_hand',
  'run_not_held',
  'run_has_ended',
  'reject_replayed',
  'provider_off',
  'inactive',
] as const;
const known = [400, 401, 403, 404, 409, 412, 413, 422, 429, 500, 503] as const;

function iconOf(failure: Failure): LucideIcon {
  if (failure.kind === 'offline') return CloudOff;
  if (failure.kind === 'slow' || failure.status === 429) return Clock;
  if (failure.status === 403 || failure.status === 401) return ShieldX;
  return failure.status === 404 ? Ban : CircleX;
}

/** What failed, and what to do, in the page's language. */
export function useFailureTexts(error: unknown): { failure: Failure; title: string; advice: string } {
  const t = useMessages(kitMessages);
  const d = useMessages(domainMessages);
  const role = useSession((session) => session.holder?.role ?? '');
  const failure = failureOf(error);
  const named = codes.find((code) => code === failure.code);
  if (named) return { failure, title: t(`failure.${named}`), advice: t(`failure.${named}.do`) };
  const status = known.find((code) => code === failure.status);
  if (failure.kind !== 'problem' || !status) {
    const kind = failure.kind === 'problem' ? 'broken' : failure.kind;
    return { failure, title: t(`failure.${kind}`), advice: t(`failure.${kind}.do`) };
  }
  if (status === 400) return { failure, title: t('failure.400'), advice: t('failure.broken.do') };
  return { failure, title: t(`failure.${status}`), advice: t(`failure.${status}.do`, { role: roleName(d, role) }) };
}

/** Counts down the seconds that the host asks to wait. */
function useWait(seconds: number | undefined): number {
  const [left, setLeft] = useState(Math.ceil(seconds ?? 0));
  useEffect(() => {
    setLeft(Math.ceil(seconds ?? 0));
    if (!seconds) return;
    const timer = setInterval(() => setLeft((value) => Math.max(0, value - 1)), 1000);
    return () => clearInterval(timer);
  }, [seconds]);
  return left;
}

interface FailureProps {
  error: unknown;
  retry?: () => void;
  className?: string;
  /** What else helps: a link to what is in the way. */
  children?: ReactNode;
}

/** Takes the place of what could not be loaded. */
export function ErrorPanel({ error, retry, className, children }: FailureProps) {
  const t = useMessages(kitMessages);
  const { failure, title, advice } = useFailureTexts(error);
  const wait = useWait(failure.retryAfter);
  const Icon = iconOf(failure);
  return (
    <section
      role="alert"
      className={cn(
        'flex flex-col items-center gap-2 rounded-lg border bg-card px-6 py-10 text-center in-data-card:border-0',
        className,
      )}
    >
      <span className="mb-1 flex size-10 items-center justify-center rounded-lg bg-danger-soft text-danger">
        <Icon className="size-5" aria-hidden />
      </span>
      <p className="font-semibold">{title}</p>
      <Detail failure={failure} />
      <p className="max-w-prose text-muted-foreground">{advice}</p>
      {children}
      {retry && (
        <Button className="mt-2" onClick={retry} disabled={wait > 0}>
          <RotateCw aria-hidden />
          {wait > 0 ? t('wait', { seconds: wait }) : t('retry')}
        </Button>
      )}
      <RequestID failure={failure} />
    </section>
  );
}

/** One line or two beside what was tried: in a form, a dialog, a card. */
export function FailureNote({ error, retry, className, children }: FailureProps) {
  const t = useMessages(kitMessages);
  const { failure, title, advice } = useFailureTexts(error);
  const wait = useWait(failure.retryAfter);
  const Icon = iconOf(failure);
  return (
    <div
      role="alert"
      className={cn('flex items-start gap-2.5 rounded-lg bg-danger-soft px-3 py-2.5 text-foreground', className)}
    >
      <Icon className="mt-0.5 size-4 shrink-0 text-danger" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="font-medium text-danger">{title}</p>
        <Detail failure={failure} />
        <p>{advice}</p>
        {children}
        <RequestID failure={failure} />
      </div>
      {retry && (
        <Button size="sm" onClick={retry} disabled={wait > 0}>
          {wait > 0 ? t('wait', { seconds: wait }) : t('retry')}
        </Button>
      )}
    </div>
  );
}

/** The host's own words are English: set apart, so that they run the right way. */
function Detail({ failure }: { failure: Failure }) {
  if (!failure.detail) return null;
  return (
    <p dir="ltr" lang="en" className="max-w-prose break-words in-[section]:text-center in-[:dir(rtl)]:text-end">
      {failure.detail}
    </p>
  );
}

function RequestID({ failure }: { failure: Failure }) {
  const t = useMessages(kitMessages);
  if (!failure.requestId) return null;
  return (
    <p className="mt-1 text-xs text-muted-foreground">
      {t('requestId')} <Mono>{failure.requestId}</Mono>
    </p>
  );
}
