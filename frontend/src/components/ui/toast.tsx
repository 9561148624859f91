import { CircleCheck, CircleX, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { create } from 'zustand';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { Button } from './button';
import { useFailureTexts } from './failure';
import { kitMessages } from './messages';

interface Toast {
  id: number;
  text: string;
  /** Set where it tells of a failure. */
  error?: unknown;
  action?: { label: string; act: () => void };
}

const useToasts = create<{ toasts: Toast[] }>()(() => ({ toasts: [] }));
let last = 0;

const most = 3;

/** The oldest that tells of something done goes first: a failure stays until it is read, while there is room. */
function withRoom(toasts: Toast[]): Toast[] {
  if (toasts.length < most) return toasts;
  const done = toasts.findIndex(({ error }) => error === undefined);
  return toasts.toSpliced(Math.max(0, done), 1);
}

function add(toast: Omit<Toast, 'id'>): void {
  last += 1;
  const id = last;
  useToasts.setState(({ toasts }) => ({ toasts: [...withRoom(toasts), { ...toast, id }] }));
}

function remove(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));
}

/** Tells that something was done: `toast.done(t('saved'))`, with the way back: `toast.done(text, { label, act })`. */
export const toast = {
  done: (text: string, action?: Toast['action']) => add({ text, ...(action && { action }) }),
  /** `text`: what was tried. A failure with a place on the page belongs there (`FailureNote`), not in a toast. */
  failed: (text: string, error: unknown) => add({ text, error }),
};

export function Toasts() {
  const t = useMessages(kitMessages);
  const toasts = useToasts((state) => state.toasts);
  return (
    <section
      aria-label={t('notifications')}
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 bottom-0 z-50 flex flex-col items-center gap-2 p-4 sm:items-end"
    >
      {toasts.map((item) => (
        <ToastCard key={item.id} toast={item} />
      ))}
    </section>
  );
}

function ToastCard({ toast: { id, text, error, action } }: { toast: Toast }) {
  const t = useMessages(kitMessages);
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    // Failures stay until they are read; what is under the pointer or has the keys stays long.
    if (error !== undefined) return;
    const timer = setTimeout(() => remove(id), isHeld ? 30_000 : action ? 12_000 : 6_000);
    return () => clearTimeout(timer);
  }, [id, error, action, isHeld]);
  const Icon = error === undefined ? CircleCheck : CircleX;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only waits; what can be done are the buttons inside
    <div
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="rises pointer-events-auto flex w-full max-w-sm items-start gap-3 rounded-lg border bg-popover px-4 py-3 text-popover-foreground shadow-lg"
    >
      <Icon
        className={cn('mt-0.5 size-4 shrink-0', error === undefined ? 'text-success' : 'text-danger')}
        aria-hidden
      />
      <div className="min-w-0 flex-1">
        <p className="font-medium wrap-anywhere">{text}</p>
        {error !== undefined && <Why error={error} />}
      </div>
      {action && (
        <Button
          variant="link"
          onClick={() => {
            remove(id);
            action.act();
          }}
        >
          {action.label}
        </Button>
      )}
      <button
        type="button"
        aria-label={t('close')}
        onClick={() => remove(id)}
        className="rounded-sm text-muted-foreground hover:text-foreground"
      >
        <X className="size-4" aria-hidden />
      </button>
    </div>
  );
}

function Why({ error }: { error: unknown }) {
  const { failure, title, advice } = useFailureTexts(error);
  return (
    <>
      <p>{title}</p>
      {failure.detail ? (
        <p dir="ltr" lang="en" className="text-muted-foreground">
          {failure.detail}
        </p>
      ) : (
        <p className="text-muted-foreground">{advice}</p>
      )}
    </>
  );
}
