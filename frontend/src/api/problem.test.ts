import { AxiosError, AxiosHeaders } from 'axios';
import { describe, expect, test } from 'vitest';
import { failureOf, mayPass, messageAt } from './problem';

const answered = (status: number, data: unknown, headers: Record<string, string> = {}) => {
  const config = { headers: new AxiosHeaders() };
  return new AxiosError('failed', 'ERR_BAD_REQUEST', config, null, {
    status,
    statusText: '',
    data,
    headers,
    config,
  });
};

const problem = (status: number, more = {}) => ({
  type: 'urn:x',
  title: 'x',
  status,
  code: 'stale',
  detail: 'Read it again.',
  request_id: 'r-1',
  ...more,
});

describe('a failure', () => {
  test('is what the host says of it', () => {
    expect(failureOf(answered(412, problem(412)))).toMatchObject({
      kind: 'problem',
      status: 412,
      code: 'stale',
      detail: 'Read it again.',
      requestId: 'r-1',
    });
  });

  test('tells when to ask again', () => {
    expect(failureOf(answered(429, problem(429), { 'retry-after': '7' })).retryAfter).toBe(7);
    expect(failureOf(answered(429, problem(429))).retryAfter).toBeUndefined();
  });

  test('without an answer is no connection', () => {
    expect(failureOf(new AxiosError('Network Error', 'ERR_NETWORK')).kind).toBe('offline');
    expect(failureOf(new AxiosError('timeout', 'ECONNABORTED')).kind).toBe('slow');
    expect(failureOf(new TypeError('Failed to fetch')).kind).toBe('offline');
    // A proxy in front whose host is away.
    expect(failureOf(answered(502, '<html>')).kind).toBe('offline');
  });

  test('that is no problem document is not taken for one', () => {
    expect(failureOf(answered(500, '<html>oops', { 'x-request-id': 'r-2' }))).toMatchObject({
      kind: 'broken',
      requestId: 'r-2',
    });
    expect(failureOf(new Error('a bug')).kind).toBe('broken');
  });

  test('passes or does not', () => {
    expect([429, 503].every((status) => mayPass(failureOf(answered(status, problem(status)))))).toBe(true);
    expect(
      [400, 403, 404, 409, 412, 422, 500].some((status) => mayPass(failureOf(answered(status, problem(status))))),
    ).toBe(false);
  });

  test('names the field', () => {
    const failure = failureOf(
      answered(
        422,
        problem(422, {
          pointer: '/name',
          errors: [{ pointer: '/settings/path', code: 'x', message: 'No such file.' }],
        }),
      ),
    );
    expect(messageAt(failure, '/settings/path')).toBe('No such file.');
    expect(messageAt(failure, '/name')).toBe('Read it again.');
    expect(messageAt(failure, '/other')).toBeUndefined();
  });
});
