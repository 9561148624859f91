import type { ReactNode } from 'react';
import { useMessages } from '@/i18n/messages';
import { Button } from './button';
import { Dialog } from './dialog';
import { kitMessages } from './messages';
import { DataTable } from './table';

export interface Difference {
  name: string;
  theirs: ReactNode;
  mine: ReactNode;
}

interface ConflictDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** Only what differs. */
  differences: readonly Difference[];
  takeTheirs: () => void;
  /** Saves again, now over the version that was shown. */
  takeMine: () => void;
  isBusy: boolean;
}

/** After a 412: both versions side by side, and the choice. */
export function ConflictDialog(props: ConflictDialogProps) {
  const { open, onOpenChange, differences, takeTheirs, takeMine, isBusy } = props;
  const t = useMessages(kitMessages);
  return (
    <Dialog
      shape="wide"
      open={open}
      onOpenChange={onOpenChange}
      title={t('conflictTitle')}
      description={t('failure.412')}
      footer={
        <>
          <Button onClick={takeTheirs} disabled={isBusy}>
            {t('conflictTakeTheirs')}
          </Button>
          <Button variant="primary" onClick={takeMine} isBusy={isBusy}>
            {t('conflictTakeMine')}
          </Button>
        </>
      }
    >
      <DataTable
        caption={t('conflictTitle')}
        rows={differences}
        rowKey={(row) => row.name}
        columns={[
          { id: 'name', header: t('conflictField'), isName: true, cell: (row) => row.name },
          { id: 'theirs', header: t('conflictTheirs'), cell: (row) => row.theirs },
          { id: 'mine', header: t('conflictMine'), cell: (row) => row.mine },
        ]}
      />
    </Dialog>
  );
}
