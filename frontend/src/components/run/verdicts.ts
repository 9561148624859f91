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

/** What brings most of them about, in the page's language; of runs from before it had a code, the host's sentence. */
export function causeText(
  t: T,
  cause: Pick<KindCount, 'cause' | 'cause_code' | 'before' | 'after' | 'fields'>,
): string {
  switch (cause.cause_code) {
    case 'status': {
      const [before, after] = [cause.before, cause.after].map((status) =>
        status === null ? t('cause.nothing') : statusText(t, status),
      );
      return t('cause.status', { before: before ?? '', after: after ?? '' });
    }
    case 'absent':
      return t('cause.absent');
    case 'keys':
      return t('cause.keys', { fields: (cause.fields ?? []).join(', ') });
    default:
      return cause.cause;
  }
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
