import { useEffect } from 'react';
import { useMessages } from '@/i18n/messages';
import { useHeldMove } from '@/lib/leaving';
import { Button } from './button';
import { Dialog } from './dialog';
import { kitMessages } from './messages';

/** Asks before the page is left while `when` holds. Moves within the same path (tabs, filters) are no leaving. `detail`: what would be lost. */
export function UnsavedGuard({ when, detail }: { when: boolean; detail?: string }) {
  const t = useMessages(kitMessages);
  const move = useHeldMove(when);
  useEffect(() => {
    if (!when) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [when]);
  return (
    <Dialog
      role="alertdialog"
      open={move !== null}
      onOpenChange={(open) => !open && move?.stay()}
      title={t('unsavedTitle')}
      description={detail ?? t('unsavedDetail')}
      footer={
        <>
          <Button onClick={() => move?.stay()}>{t('unsavedStay')}</Button>
          <Button variant="destructive" onClick={() => move?.go()}>
            {t('unsavedLeave')}
          </Button>
        </>
      }
    />
  );
}
