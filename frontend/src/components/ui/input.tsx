import type { ComponentProps } from 'react';
import { cn } from '@/lib/cn';

const look =
  'w-full min-w-0 rounded-lg border border-input bg-card px-3 text-sm text-foreground transition-colors disabled:opacity-60 aria-invalid:border-danger focus-visible:outline-offset-0';

/** Give `dir="ltr"` to addresses, ids, expressions; texts for people get `dir="auto"` by themselves. */
export function Input({ className, ...rest }: ComponentProps<'input'>) {
  // An empty one runs as the page does: its placeholder is the page's.
  return <input dir={rest.value === '' ? undefined : 'auto'} className={cn(look, 'h-9', className)} {...rest} />;
}

export function Textarea({ className, ...rest }: ComponentProps<'textarea'>) {
  return (
    <textarea dir={rest.value === '' ? undefined : 'auto'} className={cn(look, 'min-h-20 py-2', className)} {...rest} />
  );
}
