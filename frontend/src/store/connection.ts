import { create } from 'zustand';
import { queryClient } from '@/api/queries';
import { baseURL, client } from '@/api/client';
import { failureOf, wasCancelled } from '@/api/problem';

interface Connection {
  /** Milliseconds when TrainFlow was first not reached; null while it is. */
  lostAt: number | null;
}

/** Whether TrainFlow answers: told by the requests themselves, and by asking again and again while it does not. */
export const useConnection = create<Connection>()(() => ({ lostAt: null }));

let timer: ReturnType<typeof setTimeout> | undefined;

function found(): void {
  clearTimeout(timer);
  timer = undefined;
  if (useConnection.getState().lostAt === null) return;
  useConnection.setState({ lostAt: null });
  void queryClient.invalidateQueries();
}

function lost(): void {
  if (useConnection.getState().lostAt === null) useConnection.setState({ lostAt: Date.now() });
  timer ??= setTimeout(async () => {
    timer = undefined;
    // An answer of any kind will do; a proxy's 502 says that the host is away.
    const status = await fetch(`${baseURL}/openapi.json`, { method: 'HEAD', cache: 'no-store' }).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 0 || status >= 502) lost();
    else found();
  }, 2_000);
}

export function watchConnection(): void {
  client.instance.interceptors.response.use(
    (answer) => {
      found();
      return answer;
    },
    (error: unknown) => {
      if (!wasCancelled(error)) {
        const { kind } = failureOf(error);
        if (kind === 'offline') lost();
        else if (kind === 'problem') found();
      }
      throw error;
    },
  );
}
