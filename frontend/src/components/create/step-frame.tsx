import { ChevronLeft, ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '@/components/ui/button';
import { FailureNote } from '@/components/ui/failure';
import { useMessages } from '@/i18n/messages';
import { createMessages } from './messages';

interface StepFrameProps {
  onBack?: (() => void) | undefined;
  /** Left out where the step goes on by a choice in it. */
  onNext?: () => void;
  isBusy?: boolean;
  /** Why it can't go on yet. */
  waitsFor?: string | undefined;
  error?: unknown;
  children: ReactNode;
}

/** A step's content with its way back and on; Enter in a field goes on. */
export function StepFrame({ onBack, onNext, isBusy, waitsFor, error, children }: StepFrameProps) {
  const t = useMessages(createMessages);
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy && !waitsFor) onNext?.();
      }}
    >
      {children}
      {error !== null && error !== undefined && <FailureNote error={error} />}
      <div className="flex flex-wrap items-center gap-3">
        {onBack && (
          <Button onClick={onBack}>
            <ChevronLeft className="mirrored" aria-hidden />
            {t('back')}
          </Button>
        )}
        {onNext && (
          <Button type="submit" variant="primary" isBusy={isBusy ?? false} disabled={waitsFor !== undefined}>
            {t('next')}
            <ChevronRight className="mirrored" aria-hidden />
          </Button>
        )}
        {waitsFor && (
          <p role="status" className="text-muted-foreground">
            {waitsFor}
          </p>
        )}
      </div>
    </form>
  );
}
