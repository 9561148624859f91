import { useQueryClient } from '@tanstack/react-query';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { useEffect, useState } from 'react';
import { useSession } from '@/store/session';
import { baseURL } from './client';
import { getRunQueryKey } from './generated/@tanstack/react-query.gen';
import type { Run } from './generated/types.gen';

/** What the stream tells while a run works. */
export type RunProgress = Pick<Run, 'state' | 'counts' | 'progress'>;

export interface RunEventHandlers {
  progress: (progress: RunProgress) => void;
  /** The whole run; the stream ends with it. */
  end: (run: Run) => void;
  /** Whether the stream stands. */
  connected: (stands: boolean) => void;
}

const longest = 15_000;

/**
 * Follows a run until it ends or `signal` stops it. A stream that breaks off is opened again, later each time; the host
 * tells the newest state first, so nothing is lost. EventSource can't send a header, and a token belongs in no address.
 */
export async function followRun(id: string, handlers: RunEventHandlers, signal: AbortSignal): Promise<void> {
  let wait = 500;
  while (!signal.aborted) {
    const { token, signIns, expire } = useSession.getState();
    try {
      const answer = await fetch(`${baseURL}/runs/${id}/events`, {
        headers: { Authorization: `Bearer ${token ?? ''}`, Accept: 'text/event-stream' },
        signal,
      });
      if (answer.status === 401) expire(signIns);
      if (answer.status === 403 || answer.status === 404) return;
      if (answer.ok && answer.body) {
        handlers.connected(true);
        wait = 500;
        if (await readTo(answer.body, handlers)) return;
      }
    } catch (error) {
      if (signal.aborted) return;
      // No connection: tried again below.
      if (!(error instanceof TypeError) && !(error instanceof DOMException)) throw error;
    }
    handlers.connected(false);
    await pause(wait, signal);
    wait = Math.min(longest, wait * 2);
  }
}

/** True if the run's end was told. */
async function readTo(body: ReadableStream<Uint8Array>, handlers: RunEventHandlers): Promise<boolean> {
  const events = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  while (true) {
    const { done, value } = await events.read();
    if (done) return false;
    if (value.event === 'progress') handlers.progress(JSON.parse(value.data) as RunProgress);
    if (value.event === 'end') {
      handlers.end(JSON.parse(value.data) as Run);
      return true;
    }
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end);
  });
}

export const isWorking = (run: Pick<Run, 'state'> | null | undefined): boolean =>
  run?.state === 'queued' || run?.state === 'running';

/**
 * Keeps a run's cache entry (`getRunOptions`) as new as its stream while it works. `isLive` is false while the stream is
 * being opened again.
 */
export function useRunEvents(run: Run | undefined, ended?: (run: Run) => void): { isLive: boolean } {
  const queries = useQueryClient();
  const [isLive, setLive] = useState(true);
  const token = useSession((session) => session.token);
  const id = run?.id;
  const works = isWorking(run);
  useEffect(() => {
    if (!id || !works || !token) return;
    const stop = new AbortController();
    const key = getRunQueryKey({ path: { id } });
    void followRun(
      id,
      {
        progress: (progress) => queries.setQueryData<Run>(key, (old) => old && { ...old, ...progress }),
        end: (whole) => {
          queries.setQueryData<Run>(key, whole);
          ended?.(whole);
        },
        connected: setLive,
      },
      stop.signal,
    );
    return () => stop.abort();
  }, [id, works, token, queries, ended]);
  return { isLive };
}
