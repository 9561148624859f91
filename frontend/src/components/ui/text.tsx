import { Check, Copy } from 'lucide-react';
import { type ComponentProps, type ReactNode, useEffect, useState } from 'react';
import { domainMessages } from '@/i18n/domain';
import { type Key, useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { useFormats } from '@/lib/format';
import { Button } from './button';
import { kitMessages } from './messages';

/** Ids, fields, expressions: left to right in any language, in even letters. */
export function Mono({ className, ...rest }: ComponentProps<'bdi'>) {
  return <bdi dir="ltr" className={cn('font-mono text-[0.92em] break-words', className)} {...rest} />;
}

/** Names, e-mails, anything from outside whose letters may run the other way. */
export function Bdi(props: ComponentProps<'bdi'>) {
  return <bdi {...props} />;
}

/** `12 minutes ago`, with the exact time and zone on hover; moves on by itself. */
export function RelativeTime({ at, className }: { at: string | number; className?: string }) {
  const format = useFormats();
  const [now, setNow] = useState(() => Date.now());
  const isRecent = Math.abs(now - new Date(at).getTime()) < 60_000;
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), isRecent ? 5_000 : 30_000);
    return () => clearInterval(timer);
  }, [isRecent]);
  return (
    <time dateTime={new Date(at).toISOString()} title={format.exact(at)} className={cn('whitespace-nowrap', className)}>
      {format.relative(at, now)}
    </time>
  );
}

/** The kinds of thing that are counted; each has its plural forms in i18n/domain.ts. */
export type Unit = 'people' | 'courses' | 'enrolments' | 'rows' | 'runs' | 'rejects' | 'changes' | 'records' | 'fields';

/** `1,204 people`, or `12 of 1,204 people`. */
export function Count({ value, of, unit, className }: { value: number; of?: number; unit: Unit; className?: string }) {
  const d = useMessages(domainMessages);
  const t = useMessages(kitMessages);
  const format = useFormats();
  if (of === undefined) return <span className={className}>{d(unit, { count: value })}</span>;
  const name: Key<typeof domainMessages.en> = `${unit}.word`;
  return (
    <span className={className}>
      {t('countOf', { count: value, whole: format.number(of), unit: d(name, { count: of }) })}
    </span>
  );
}

/** Copies a text, and says so. */
export function CopyButton({ text, label }: { text: string; label?: string }) {
  const t = useMessages(kitMessages);
  const [said, setSaid] = useState<'copy' | 'copied' | 'copyFailed'>('copy');
  const copy = async () => {
    const done = await navigator.clipboard.writeText(text).then(
      () => 'copied' as const,
      () => 'copyFailed' as const,
    );
    setSaid(done);
    setTimeout(() => setSaid('copy'), 2000);
  };
  // Over plain HTTP the browser has no clipboard for pages.
  if (!('clipboard' in navigator)) return null;
  return (
    <Button variant="ghost" size="sm" onClick={copy} aria-label={label ?? t('copy')}>
      {said === 'copied' ? <Check aria-hidden /> : <Copy aria-hidden />}
      <span aria-live="polite">{t(said)}</span>
    </Button>
  );
}

/** A name and what it is worth, for lists of facts. Put several into `<dl className="…">`. */
export function Fact({ name, className, children }: { name: ReactNode; className?: string; children: ReactNode }) {
  return (
    <div className={cn('min-w-0', className)}>
      <dt className="text-table text-muted-foreground">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </div>
  );
}
