import { FileUp, X } from 'lucide-react';
import { type DragEvent, useEffect, useId, useState } from 'react';
import { Button } from '@/components/ui/button';
import { FailureNote } from '@/components/ui/failure';
import { Progress } from '@/components/ui/progress';
import { UnsavedGuard } from '@/components/ui/unsaved-guard';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { useFormats } from '@/lib/format';
import { importMessages } from './messages';
import type { Upload } from './upload';

interface FileDropProps {
  busy: Upload;
  /** What it rejects is shown by `busy`. */
  onFile: (file: File) => Promise<unknown> | undefined;
  className?: string;
}

/** A place to drop a file on, or to choose one; shows how far its upload is. */
export function FileDrop({ busy, onFile, className }: FileDropProps) {
  const t = useMessages(importMessages);
  const format = useFormats();
  const id = useId();
  const [isOver, setOver] = useState(false);
  const [last, setLast] = useState<File | null>(null);
  const take = (file: File | undefined) => {
    if (!file) return;
    setLast(file);
    // A failure stands in `busy.error`, beside the button that tries again.
    onFile(file)?.catch(() => undefined);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (!busy.progress) take(event.dataTransfer.files[0]);
  };
  const { progress } = busy;
  useEffect(() => {
    // A file that misses the place would be opened by the browser, instead of this page.
    const keep = (event: Event) => event.preventDefault();
    window.addEventListener('dragover', keep);
    window.addEventListener('drop', keep);
    return () => {
      window.removeEventListener('dragover', keep);
      window.removeEventListener('drop', keep);
    };
  }, []);
  return (
    <div className={className}>
      <UnsavedGuard when={progress !== null} detail={t('leaveUpload')} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is one way more; the button inside does the same */}
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        className={cn(
          'flex min-h-44 flex-col items-center justify-center gap-2 rounded-lg border-2 border-dashed border-input bg-card px-6 py-8 text-center',
          isOver && 'border-primary bg-accent',
        )}
      >
        {progress ? (
          <div className="flex w-full max-w-md flex-col gap-2">
            <p role="status">
              {t('sending', {
                name: progress.name,
                sent: format.bytes(progress.sent),
                total: format.bytes(progress.total),
              })}
            </p>
            <Progress label={t('sendingLabel')} value={progress.sent} max={progress.total} />
            <div>
              <Button size="sm" onClick={busy.cancel}>
                <X aria-hidden />
                {t('cancel')}
              </Button>
            </div>
          </div>
        ) : (
          <>
            <span className="flex size-10 items-center justify-center rounded-lg bg-muted text-muted-foreground">
              <FileUp className="size-5" aria-hidden />
            </span>
            <p className="font-semibold">{t('drop')}</p>
            <p className="text-muted-foreground">{t('formats')}</p>
            <label
              htmlFor={id}
              className="mt-1 inline-flex h-9 cursor-pointer items-center rounded-lg border border-input bg-card px-3.5 font-medium focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-primary hover:bg-accent"
            >
              {t('choose')}
              <input
                id={id}
                type="file"
                accept=".csv,.tsv,.txt,.xlsx,.xlsm,.json,.ndjson,.jsonl"
                className="sr-only"
                onChange={(event) => {
                  take(event.target.files?.[0]);
                  // The same file may be chosen again after it was corrected.
                  event.target.value = '';
                }}
              />
            </label>
          </>
        )}
      </div>
      {busy.error !== null && !progress && (
        <FailureNote error={busy.error} className="mt-3" {...(last && { retry: () => take(last) })} />
      )}
    </div>
  );
}
