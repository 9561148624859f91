import { useEffect } from 'react';
import { ConnectionTest, useConnectionTest } from '@/components/integration/connection-test';
import { Button } from '@/components/ui/button';
import { useMessages } from '@/i18n/messages';
import type { Wizard } from './draft';
import { createMessages } from './messages';
import { StepFrame } from './step-frame';

export function TestStep({ draft, go }: Wizard) {
  const t = useMessages(createMessages);
  const test = useConnectionTest(draft.id, draft.file?.id);
  const { mutate } = test;
  // At once: nobody comes here for anything else.
  useEffect(() => mutate(), [mutate]);
  const isGood = test.data?.ok === true && !test.isPending;
  return (
    <StepFrame onBack={() => go('connection')} {...(isGood && { onNext: () => go('streams') })}>
      <ConnectionTest test={test} />
      {test.data && !test.data.ok && (
        <div>
          <Button variant="primary" onClick={() => go('connection')}>
            {t('test.fix')}
          </Button>
        </div>
      )}
    </StepFrame>
  );
}
