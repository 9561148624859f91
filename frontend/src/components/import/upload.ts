import { useCallback, useEffect, useRef, useState } from 'react';
import { client } from '@/api/client';
import type { File as StoredFile } from '@/api/generated/types.gen';
import { wasCancelled } from '@/api/problem';

export interface Upload {
  /** Null while none is on its way. */
  progress: { name: string; sent: number; total: number } | null;
  error: unknown;
  /** Rejects what it was rejected with; null if it was cancelled. */
  send: (config: string, file: File) => Promise<StoredFile | null>;
  cancel: () => void;
}

/** Sends a file's bytes, as they are, to an integration; tells how far it is. */
export function useUpload(): Upload {
  const [progress, setProgress] = useState<Upload['progress']>(null);
  const [error, setError] = useState<unknown>(null);
  const stop = useRef<AbortController | null>(null);
  const send = useCallback(async (config: string, file: File): Promise<StoredFile | null> => {
    const abort = new AbortController();
    stop.current = abort;
    setError(null);
    setProgress({ name: file.name, sent: 0, total: file.size });
    try {
      const answer = await client.instance.post<StoredFile>(`/${config}/files`, file, {
        params: { name: file.name },
        headers: { 'Content-Type': 'application/octet-stream' },
        signal: abort.signal,
        timeout: 0,
        onUploadProgress: ({ loaded }) => setProgress({ name: file.name, sent: loaded, total: file.size }),
      });
      return answer.data;
    } catch (failure) {
      if (wasCancelled(failure)) return null;
      setError(failure);
      throw failure;
    } finally {
      setProgress(null);
      stop.current = null;
    }
  }, []);
  const cancel = useCallback(() => stop.current?.abort(), []);
  // Nobody is there any more to go on with the file.
  useEffect(() => cancel, [cancel]);
  return { progress, error, send, cancel };
}
