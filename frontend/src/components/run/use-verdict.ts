import type { Run } from '@/api/generated/types.gen';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { runMessages } from './messages';
import { causeText, isBeyond, isPlanOnly, plannedOf, wouldText } from './verdicts';

/** The verdict in the page's language, from what the run counts. `openRejects`: those that are still to be done, where it is known. */
export function useVerdict(run: Run, openRejects?: number): { title: string; lines: string[] } {
  const t = useMessages(runMessages);
  const d = useMessages(domainMessages);
  const format = useFormats();
  const { counts } = run;
  const did = t('verdict.did', {
    created: counts.created,
    updated: counts.updated,
    unchanged: counts.unchanged,
  });
  const held = run.guard?.verdicts.filter((verdict) => verdict.held) ?? [];
  const beyond = held.flatMap((verdict) => verdict.kinds.filter(isBeyond).map((kind) => ({ ...kind, verdict })));
  const isApproved = run.guard?.decision?.decision === 'approved' || run.plan?.state === 'approved';
  switch (run.state) {
    case 'queued':
      if (isApproved) return { title: t('verdict.queued.apply'), lines: [] };
      if (run.attempt > 0 && run.error)
        return { title: t('verdict.queued'), lines: [t('verdict.attempt', { attempt: run.attempt })] };
      return { title: t('verdict.queued'), lines: [t('verdict.queued.detail')] };
    case 'running':
      if (isApproved) return { title: t('verdict.queued.apply'), lines: [] };
      return {
        title: t('verdict.running'),
        lines: [t(run.plan ? 'verdict.running.plan' : 'verdict.running.detail')],
      };
    case 'planned': {
      const what = beyond.map(({ kind, count, verdict }) => wouldText(t, kind, verdict.entity, count));
      const lines = [t('verdict.planned.detail')];
      if (counts.rejected > 0) lines.push(t('verdict.planned.rejects', { count: counts.rejected }));
      if (what.length > 0) lines.push(t('verdict.planned.held', { what: format.list(what) }));
      const count = plannedOf(run);
      return { title: count > 0 ? t('verdict.planned', { count }) : t('verdict.planned.nothing'), lines };
    }
    case 'held': {
      const noun = (entity: Run['target_entity'], count: number) =>
        d(entity === 'users' ? 'people' : entity === 'courses' ? 'courses' : 'enrolments', { count });
      const lines = beyond.map(
        ({ earlier, limit, verdict, whole, ...cause }) =>
          `${t('verdict.held.limit', { limit: limit ?? 0, whole: noun(verdict.entity, whole) })} ${earlier > 0 ? `${t('verdict.held.earlier', { earlier })} ` : ''}${causeText(t, cause)}`,
      );
      const cut = held.flatMap(({ snapshot }) =>
        snapshot && !snapshot.doubt && snapshot.absent > 0
          ? [
              t('verdict.held.missing', {
                absent: d('people', { count: snapshot.absent }),
                present: snapshot.present,
                percent: format.percent(snapshot.may_lack_percent / 100),
              }),
            ]
          : [],
      );
      const what = beyond.map(({ kind, count, verdict }) => wouldText(t, kind, verdict.entity, count));
      return {
        title: what.length > 0 ? t('verdict.held', { what: format.list(what) }) : t('verdict.held.cut'),
        lines: [...lines, ...cut, t('verdict.held.rest')],
      };
    }
    case 'done':
      if (counts.rejected > 0 && run.kind !== 'replay') {
        return { title: t('verdict.done.settled'), lines: [did, t('verdict.rejects.settled')] };
      }
      if (counts.read === 0) return { title: t('verdict.done.none'), lines: [t('verdict.done.none.detail')] };
      return {
        title: t(counts.created + counts.updated === 0 ? 'verdict.done.unchanged' : 'verdict.done', {
          count: counts.read,
        }),
        lines: [did],
      };
    case 'done_with_rejects': {
      const isAll = counts.rejected === counts.read;
      const lines = isAll ? [] : [did];
      if (run.kind === 'replay') lines.push(t('verdict.replay'));
      else if (openRejects === 0) lines.push(t('verdict.rejects.settled'));
      else if (openRejects !== undefined) lines.push(t('verdict.rejects.todo', { count: openRejects }));
      return { title: t(isAll ? 'verdict.rejects.all' : 'verdict.rejects', { count: counts.rejected }), lines };
    }
    case 'failed':
    case 'cancelled': {
      if (isPlanOnly(run)) {
        const title = run.state === 'failed' ? 'verdict.failed' : 'verdict.planEnded';
        return { title: t(title), lines: [t('verdict.planEnded.detail')] };
      }
      const kept = counts.created + counts.updated + counts.unchanged;
      return {
        title: t(run.state === 'failed' ? 'verdict.failed' : 'verdict.cancelled'),
        lines: [kept > 0 ? t('verdict.failed.kept', { count: kept }) : t('verdict.failed.none')],
      };
    }
  }
}
