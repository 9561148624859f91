import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link } from 'react-router';
import { useOnce } from '@/api/client';
import { getRunOptions } from '@/api/generated/@tanstack/react-query.gen';
import { replayRejects } from '@/api/generated/sdk.gen';
import type { ReplayStart, Run } from '@/api/generated/types.gen';
import { isWorking, useRunEvents } from '@/api/run-events';
import { RunProgress } from '@/components/integration/run-progress';
import { Button } from '@/components/ui/button';
import { Notice } from '@/components/ui/notice';
import type { Tone } from '@/components/ui/state';
import { useMessages } from '@/i18n/messages';
import { useSearchState } from '@/lib/search-state';
import { runMessages } from './messages';

/** Starts replays of a run's rejects; the one that was started last stands in the address, so that it survives a reload. */
export function useReplay(run: Run) {
  const queries = useQueryClient();
  const once = useOnce();
  const [replay, setReplay] = useSearchState('replay', '');
  const { mutate, mutateAsync, isPending, error, variables, reset } = useMutation({
    mutationFn: (what: ReplayStart) =>
      replayRejects({ path: { id: run.id }, body: what, headers: once.headersOf(what) }),
    onSuccess: ({ data }) => {
      once.forget();
      setReplay(data.id);
      void queries.invalidateQueries({ predicate: (query) => JSON.stringify(query.queryKey).includes(run.id) });
    },
  });
  return {
    replay,
    start: mutate,
    startAsync: mutateAsync,
    isPending,
    error,
    what: variables,
    reset,
    hide: () => setReplay(''),
  };
}

export type Replay = ReturnType<typeof useReplay>;

/** How the replay goes and how it ended, in a sentence. */
export function ReplayNotice({ replay }: { replay: Replay }) {
  const t = useMessages(runMessages);
  const queries = useQueryClient();
  const run = useQuery({
    ...getRunOptions({ path: { id: replay.replay } }),
    enabled: replay.replay !== '',
  }).data;
  const { isLive } = useRunEvents(run);
  // However its end came to be known: by its events, or because it was over when it was first asked for.
  const isOver = run !== undefined && !isWorking(run);
  useEffect(() => {
    if (isOver) void queries.invalidateQueries();
  }, [isOver, queries]);
  if (!run) return null;
  if (isWorking(run)) {
    return (
      <Notice tone="info" title={t('replaying')}>
        <RunProgress run={run} isLive={isLive} />
      </Notice>
    );
  }
  const { read, rejected, set_aside: setAside } = run.counts;
  const isHeld = run.state === 'held';
  const done = Math.max(0, read - rejected - (isHeld ? setAside : 0));
  const sentences = [done > 0 ? t('replayDone', { count: done }) : t('replayNone')];
  if (rejected > 0) sentences.push(t('replayAgain', { count: rejected }));
  if (isHeld && setAside > 0) sentences.push(t('replayHeld', { count: setAside }));
  const hasEnded = run.state === 'failed' || run.state === 'cancelled';
  const tone: Tone = hasEnded ? 'danger' : isHeld ? 'held' : rejected > 0 ? 'warning' : 'success';
  return (
    <div role="status">
      <Notice
        tone={tone}
        title={t('replayRun')}
        action={
          <span className="flex flex-wrap gap-1">
            <Button asChild size="sm" variant="ghost">
              <Link to={`/runs/${run.id}`}>{t('seeReplay')}</Link>
            </Button>
            <Button size="sm" variant="ghost" onClick={replay.hide}>
              {t('hide')}
            </Button>
          </span>
        }
      >
        <p>{hasEnded ? t('replayEnded', { why: run.error?.message ?? run.message }) : sentences.join(' ')}</p>
      </Notice>
    </div>
  );
}
