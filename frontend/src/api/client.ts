import { useSession } from '@/store/session';
import { client } from './generated/client.gen';

/** Any visible ASCII text of its own; `crypto.randomUUID` is missing where the page comes over plain HTTP. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Headers for a change that only the newest version may take: the host answers 412 to a stale one. */
export const ifVersion = (version: number | string): { 'If-Match': string } => ({
  'If-Match': typeof version === 'number' ? `"${version}"` : version,
});

/** Headers for a POST that is done once, however often it is sent with the same key: `useMemo(newKey, [])`. */
export const once = (key: string): { 'Idempotency-Key': string } => ({ 'Idempotency-Key': key });

export const baseURL = '/api/v1/integrations';

client.setConfig({ baseURL, timeout: 30_000 });

client.instance.interceptors.request.use((config) => {
  const { token } = useSession.getState();
  if (token) config.headers.set('Authorization', `Bearer ${token}`);
  return config;
});

client.instance.interceptors.response.use(undefined, (error: unknown) => {
  const status = (error as { response?: { status?: number } }).response?.status;
  if (status === 401) useSession.getState().expire();
  throw error;
});

export { client };
