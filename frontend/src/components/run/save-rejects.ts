import { listRejects } from '@/api/generated/sdk.gen';
import { saveFile } from '@/lib/save-file';

/** Downloads a run's rejects in the input's own layout. */
export async function saveRejects(run: string, format: 'csv' | 'xlsx', name: string): Promise<void> {
  const { data } = await listRejects({ path: { id: run }, query: { format }, responseType: 'blob', timeout: 0 });
  saveFile(data as unknown as Blob, name);
}
