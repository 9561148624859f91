import { MutationCache, notifyManager, QueryCache, QueryClient } from '@tanstack/react-query';
import { onSignOut, useSession } from '@/store/session';
import { failureOf, mayPass } from './problem';

// Before the next event: the second press of a double click finds its button busy.
notifyManager.setScheduler(queueMicrotask);

export const queryClient = new QueryClient({
  queryCache: new QueryCache(),
  mutationCache: new MutationCache(),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal stays one; what may pass is tried twice more, as late as the host asks.
      retry: (count, error) => count < 2 && mayPass(failureOf(error)),
      retryDelay: (count, error) => Math.min(10_000, (failureOf(error).retryAfter ?? 0.5 * 2 ** count) * 1000),
      // The browser may be wrong about it (the host can be on this machine), so it doesn't decide.
      networkMode: 'always',
      refetchOnReconnect: true,
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});

onSignOut(() => queryClient.clear());

// Whoever signs in again over an open page goes on where the token ended.
useSession.subscribe((session, before) => {
  if (session.token && before.isExpired) void queryClient.invalidateQueries();
});
