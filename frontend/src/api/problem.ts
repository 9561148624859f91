import { isAxiosError, isCancel } from 'axios';
import type { Problem } from './generated/types.gen';

/** Why a request has failed, whatever it failed by. */
export interface Failure {
  /**
   * offline: no answer came. slow: none came in time. problem: the host says why. broken: what came is not what the host
   * sends, or the page itself is at fault.
   */
  kind: 'offline' | 'slow' | 'problem' | 'broken';
  /** 0 where none came. */
  status: number;
  code: string;
  /** For people, in English, from the host; empty where it says nothing. */
  detail: string;
  /** Where in the body: `/settings/path`. */
  pointer?: string;
  errors: NonNullable<Problem['errors']>;
  requestId?: string;
  /** Seconds until it makes sense to ask again. */
  retryAfter?: number;
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'code' in value && 'detail' in value && 'status' in value;

/** Understands what a query, a mutation or an event stream was rejected with. */
export function failureOf(error: unknown): Failure {
  const nothing = { status: 0, code: '', detail: '', errors: [] };
  if (isProblem(error)) return ofProblem(error, undefined);
  if (!isAxiosError(error)) {
    // fetch(3) says TypeError where no connection came about.
    if (error instanceof TypeError && /fetch|network/i.test(error.message)) return { ...nothing, kind: 'offline' };
    return { ...nothing, kind: 'broken', detail: error instanceof Error ? error.message : String(error) };
  }
  if (error.response) {
    const header = (name: string) => {
      const value: unknown = error.response?.headers[name];
      return typeof value === 'string' ? value : undefined;
    };
    const wait = Number(header('retry-after'));
    const retryAfter = Number.isFinite(wait) && header('retry-after') ? wait : undefined;
    if (isProblem(error.response.data)) return ofProblem(error.response.data, retryAfter);
    const requestId = header('x-request-id');
    return {
      ...nothing,
      kind: error.response.status >= 502 && error.response.status <= 504 ? 'offline' : 'broken',
      status: error.response.status,
      ...(requestId && { requestId }),
      ...(retryAfter !== undefined && { retryAfter }),
    };
  }
  const isSlow = error.code === 'ECONNABORTED' || error.code === 'ETIMEDOUT';
  return { ...nothing, kind: isSlow ? 'slow' : 'offline' };
}

function ofProblem(problem: Problem, retryAfter: number | undefined): Failure {
  return {
    kind: 'problem',
    status: problem.status,
    code: problem.code,
    detail: problem.detail,
    errors: problem.errors ?? [],
    requestId: problem.request_id,
    ...(problem.pointer !== undefined && { pointer: problem.pointer }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

/** Whether the same request may get through if it is sent again. */
export function mayPass(failure: Failure): boolean {
  return failure.kind === 'offline' || failure.kind === 'slow' || [408, 429, 502, 503, 504].includes(failure.status);
}

export const wasCancelled = (error: unknown): boolean => isCancel(error);

/** What the host says of a form's field, by its JSON pointer: `messageAt(failure, '/settings/path')`. */
export function messageAt(failure: Failure | null, pointer: string): string | undefined {
  if (!failure) return undefined;
  const own = failure.errors.find((finding) => finding.pointer === pointer);
  return own?.message ?? (failure.pointer === pointer ? failure.detail : undefined);
}

/** What the host says of an integration's name: one that another has is a conflict without a pointer. */
export function nameErrorOf(failure: Failure | null): string | undefined {
  const isTaken = failure?.status === 409 && failure.code === 'conflict';
  return isTaken ? failure.detail : messageAt(failure, '/name');
}
