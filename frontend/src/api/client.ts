import { isAxiosError } from 'axios';
import { useState } from 'react';
import { useSession } from '@/store/session';
import { client } from './generated/client.gen';

declare module 'axios' {
  interface InternalAxiosRequestConfig {
    /** `signIns` of the session that asked. */
    signIns?: number;
  }
}

/** Any visible ASCII text of its own; `crypto.randomUUID` is missing where the page comes over plain HTTP. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Headers for a change that only the newest version may take: the host answers 412 to a stale one. */
export const ifVersion = (version: number | string): { 'If-Match': string } => ({
  'If-Match': typeof version === 'number' ? `"${version}"` : version,
});

/** Keys for POSTs that are done once, however often they are sent. */
export class Once {
  private readonly keys = new Map<string, string>();

  /** `what`: the deed and what it is done with. The same again is the same request, something else another. */
  headersOf(what: unknown): { 'Idempotency-Key': string } {
    const name = JSON.stringify(what);
    const key = this.keys.get(name) ?? newKey();
    this.keys.set(name, key);
    return { 'Idempotency-Key': key };
  }

  /** It was done: asked for again it is done again. */
  forget(): void {
    this.keys.clear();
  }
}

export const useOnce = (): Once => useState(() => new Once())[0];

export const baseURL = '/api/v1/integrations';

client.setConfig({ baseURL, timeout: 30_000 });

client.instance.interceptors.request.use((config) => {
  const { token, signIns } = useSession.getState();
  config.signIns = signIns;
  if (token) config.headers.set('Authorization', `Bearer ${token}`);
  return config;
});

client.instance.interceptors.response.use(undefined, async (error: unknown) => {
  if (isAxiosError(error) && error.response) {
    const { response } = error;
    if (response.status === 401) useSession.getState().expire(error.config?.signIns ?? 0);
    // Where a file was asked for, the problem comes as one.
    if (response.data instanceof Blob && response.data.type.includes('json')) {
      response.data = JSON.parse(await response.data.text());
    }
  }
  throw error;
});

export { client };
