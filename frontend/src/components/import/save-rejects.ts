import { client } from '@/api/client';

/**
 * Saves a run's rejects as CSV, in the input's own layout. A link can't do it: the token belongs in a header, not in an
 * address.
 */
export async function saveRejects(run: string, name: string): Promise<void> {
  const answer = await client.instance.get<Blob>(`/runs/${run}/rejects`, {
    params: { format: 'csv' },
    headers: { Accept: 'text/csv' },
    responseType: 'blob',
    timeout: 0,
  });
  const address = URL.createObjectURL(answer.data);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
