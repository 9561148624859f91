import type { Run } from '@/api/generated/types.gen';
import type { domainMessages } from '@/i18n/domain';
import type { Key, Translate } from '@/i18n/messages';
import { runMessages } from './messages';

type T = Translate<typeof runMessages.en>;
type Entity = Run['target_entity'];
type KindCount = NonNullable<Run['guard']>['verdicts'][number]['kinds'][number];
type Kind = KindCount['kind'];

const would = {
  'deactivate users': 'would.deactivate.users',
  'deactivate courses': 'would.deactivate.courses',
  'unenrol enrollments': 'would.unenrol.enrollments',
  'key_change users': 'would.key_change.users',
  'key_change courses': 'would.key_change.courses',
  'key_change enrollments': 'would.key_change.enrollments',
} as const;

/** Whether the kind is beyond its limit, together with what runs shortly before have applied by themselves. */
export function isBeyond({ count, earlier, limit }: KindCount): boolean {
  return limit !== null && count + earlier > limit;
}

/** `12 people would lose access`. */
export function wouldText(t: T, kind: Kind, entity: Entity, count: number): string {
  const key = would[`${kind} ${entity}` as keyof typeof would] ?? 'would.deactivate.users';
  return t(key, { count });
}

/** A status in the page's language; one that TrainFlow doesn't name as it is. */
export function statusText(t: T, status: string): string {
  return Object.hasOwn(runMessages.en, `status.${status}`)
    ? t(`status.${status}` as Key<typeof runMessages.en>)
    : status;
}

/** The host's cause in the page's language, as far as it is one of the usual; else as it is. */
export function causeText(t: T, cause: string): string {
  const status = /^status turns from (.+) to (.+)$/.exec(cause);
  if (status?.[1] && status[2])
    return t('cause.status', { before: statusText(t, status[1]), after: statusText(t, status[2]) });
  if (cause === 'missing from the export') return t('cause.absent');
  const keys = /^([\w, ]+) changes?$/.exec(cause)?.[1];
  if (keys) return t('cause.keys', { fields: keys.replace(' and ', ', ') });
  return cause;
}

/** How many wait for a decision: records that were set aside, and people whom the export lacks. */
export function pendingOf(run: Run): number {
  const absent = (run.guard?.verdicts ?? []).reduce(
    (sum, { held, snapshot }) => sum + (held && snapshot && !snapshot.doubt ? snapshot.absent : 0),
    0,
  );
  return run.counts.set_aside + absent;
}

/** `12 people`: of one entity by its name, of several as records. */
export function pendingText(d: Translate<typeof domainMessages.en>, run: Run): string {
  const count = pendingOf(run);
  const held = run.guard?.verdicts.filter((verdict) => verdict.held) ?? [];
  const entity = held.length === 1 ? held[0]?.entity : undefined;
  if (entity === 'users') return d('people', { count });
  if (entity === 'courses') return d('courses', { count });
  if (entity === 'enrollments') return d('enrolments', { count });
  return d('records', { count });
}

/** Whether what the run tells is a plan: nothing of it is in TrainFlow, and perhaps never will be. */
export function isPlanOnly(run: Run): boolean {
  return run.plan ? run.plan.state !== 'applied' : false;
}

/** How many rows a plan would change. */
export const plannedOf = (run: Run): number => run.counts.created + run.counts.updated + run.counts.set_aside;
