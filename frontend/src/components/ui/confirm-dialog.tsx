import { type ReactNode, useState } from 'react';
import { useMessages } from '@/i18n/messages';
import { Button } from './button';
import { Dialog } from './dialog';
import { FailureNote } from './failure';
import { kitMessages } from './messages';

interface ConfirmDialogProps {
  /** What opens it; leave it out where `open` and `onOpenChange` are given. */
  trigger?: ReactNode;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  /** A question that says how many and what. */
  title: ReactNode;
  /** What comes of it, and whether it can be undone. */
  description?: ReactNode;
  children?: ReactNode;
  /** The deed, not "OK". */
  confirm: ReactNode;
  isDangerous?: boolean;
  /** False while what must be typed or picked first is not. */
  isConfirmable?: boolean;
  /** The dialog stays open, and says why, if it is rejected. */
  onConfirm: () => Promise<unknown>;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const {
    trigger,
    open,
    onOpenChange,
    title,
    description,
    children,
    confirm,
    isDangerous,
    onConfirm,
    isConfirmable = true,
  } = props;
  const t = useMessages(kitMessages);
  const [isOpenItself, setOpenItself] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const isOpen = open ?? isOpenItself;
  const set = (next: boolean) => {
    if (isBusy) return;
    setError(null);
    setOpenItself(next);
    onOpenChange?.(next);
  };
  const act = async () => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      setOpenItself(false);
      onOpenChange?.(false);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      role="alertdialog"
      open={isOpen}
      onOpenChange={set}
      trigger={trigger}
      title={title}
      description={description}
      footer={
        <>
          <Button onClick={() => set(false)} disabled={isBusy}>
            {t('cancel')}
          </Button>
          <Button
            variant={isDangerous ? 'destructive' : 'primary'}
            isBusy={isBusy}
            disabled={!isConfirmable}
            onClick={act}
          >
            {confirm}
          </Button>
        </>
      }
    >
      {(children || error !== null) && (
        <div className="flex flex-col gap-3">
          {children}
          {error !== null && <FailureNote error={error} />}
        </div>
      )}
    </Dialog>
  );
}
