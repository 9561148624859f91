import { CircleX } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { kitMessages } from './messages';

export interface ControlProps {
  id: string;
  'aria-describedby'?: string;
  'aria-invalid'?: true;
  'aria-required'?: true;
}

interface FieldProps {
  label: ReactNode;
  /** What to write, before anything is wrong. */
  hint?: ReactNode;
  /** What is wrong and what to do. */
  error?: ReactNode;
  isRequired?: boolean;
  className?: string;
  /** The control, with the props that tie it to label, hint and error. */
  children: (control: ControlProps) => ReactNode;
}

/** A control with its label, hint and error, tied together for who doesn't see them. */
export function Field({ label, hint, error, isRequired, className, children }: FieldProps) {
  const t = useMessages(kitMessages);
  const id = useId();
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className={cn('flex min-w-0 flex-col gap-1.5', className)}>
      <label htmlFor={id} className="font-medium">
        {label}
        {isRequired && <span className="ms-1.5 text-xs font-normal text-muted-foreground">{t('required')}</span>}
      </label>
      {children({
        id,
        ...(describedBy && { 'aria-describedby': describedBy }),
        ...(error ? { 'aria-invalid': true as const } : {}),
        ...(isRequired ? { 'aria-required': true as const } : {}),
      })}
      {hint && (
        <p id={`${id}-hint`} className="text-table text-muted-foreground">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="flex items-start gap-1.5 text-table text-danger">
          <CircleX className="mt-0.5 size-4 shrink-0" aria-hidden />
          <span className="min-w-0">{error}</span>
        </p>
      )}
    </div>
  );
}
