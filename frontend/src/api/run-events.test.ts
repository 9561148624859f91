import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { useSession } from '@/store/session';
import { inAnHour, tokenOf } from '@/test/token';
import { followRun, type RunEventHandlers } from './run-events';

const token = tokenOf({ sub: 'sara', role: 'administrator', tenant_id: 't-1', exp: inAnHour() });

/** An answer whose body comes in these pieces; `breaks`: and then the connection breaks. */
function stream(pieces: string[], breaks = false): Response {
  const text = new TextEncoder();
  return new Response(
    new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(text.encode(piece));
        if (breaks) controller.error(new TypeError('network error'));
        else controller.close();
      },
    }),
    { headers: { 'Content-Type': 'text/event-stream' } },
  );
}

const progress = (read: number) => `event: progress\ndata: {"state":"running","counts":{"read":${read}}}\n\n`;
const end = 'event: end\ndata: {"id":"r-1","state":"done"}\n\n';

function watched() {
  const told: unknown[] = [];
  const handlers: RunEventHandlers = {
    progress: (value) => told.push(value.counts.read),
    end: (run) => told.push(run.state),
    connected: (stands) => told.push(stands),
  };
  return { told, handlers };
}

beforeEach(() => {
  vi.useFakeTimers();
  useSession.getState().signIn(token);
});
afterEach(() => vi.useRealTimers());

describe('following a run', () => {
  test('sends the token as a header and tells what comes, however it is cut', async () => {
    const ask = vi.spyOn(globalThis, 'fetch');
    const text = `: hello\n\n${progress(1)}${progress(2)}${end}`;
    ask.mockResolvedValueOnce(stream([...text].map((letter) => letter)));
    const { told, handlers } = watched();
    await followRun('r-1', handlers, new AbortController().signal);
    expect(told).toEqual([true, 1, 2, 'done']);
    const [address, options] = ask.mock.calls[0] ?? [];
    expect(address).toBe('/api/v1/integrations/runs/r-1/events');
    expect(options?.headers).toMatchObject({ Authorization: `Bearer ${token}` });
    expect(String(address)).not.toContain(token);
  });

  test('goes on after a broken connection, a busy host, and a stream that just stops', async () => {
    const ask = vi.spyOn(globalThis, 'fetch');
    ask.mockResolvedValueOnce(stream([progress(1)], true));
    ask.mockRejectedValueOnce(new TypeError('Failed to fetch'));
    ask.mockResolvedValueOnce(new Response('', { status: 503 }));
    ask.mockResolvedValueOnce(stream([progress(7)]));
    ask.mockResolvedValueOnce(stream([end]));
    const { told, handlers } = watched();
    const done = followRun('r-1', handlers, new AbortController().signal);
    await vi.advanceTimersByTimeAsync(60_000);
    await done;
    expect(told.filter((value) => typeof value !== 'boolean')).toEqual(expect.arrayContaining([7, 'done']));
    expect(ask).toHaveBeenCalledTimes(5);
  });

  test('waits longer each time while nobody answers', async () => {
    const ask = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('Failed to fetch'));
    const stop = new AbortController();
    const done = followRun('r-1', watched().handlers, stop.signal);
    await vi.advanceTimersByTimeAsync(60_000);
    // 0.5 + 1 + 2 + 4 + 8 + 15 + 15 + 15 s.
    expect(ask.mock.calls.length).toBeLessThanOrEqual(9);
    expect(ask.mock.calls.length).toBeGreaterThanOrEqual(7);
    stop.abort();
    await done;
  });

  test('ends where there is no such run, and when it is told to', async () => {
    const ask = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('', { status: 404 }));
    await followRun('r-1', watched().handlers, new AbortController().signal);
    expect(ask).toHaveBeenCalledTimes(1);
    await followRun('r-1', watched().handlers, AbortSignal.abort());
    expect(ask).toHaveBeenCalledTimes(1);
  });

  test('asks for another token when this one has ended', async () => {
    const stop = new AbortController();
    vi.spyOn(globalThis, 'fetch').mockImplementation(async () => {
      stop.abort();
      return new Response('', { status: 401 });
    });
    await followRun('r-1', watched().handlers, stop.signal);
    expect(useSession.getState().isExpired).toBe(true);
  });
});
