import { useMutation } from '@tanstack/react-query';
import { changeConfig } from '@/api/generated/sdk.gen';
import { failureOf } from '@/api/problem';
import { GuardForm } from '@/components/integration/guard-form';
import type { Wizard } from './draft';
import { StepFrame } from './step-frame';

const nobody = { users: 0, courses: 0, enrollments: 0 };

export function LimitsStep({ draft, change, go }: Wizard) {
  const save = useMutation({
    mutationFn: () => changeConfig({ path: { id: draft.id }, body: { policy: draft.policy } }),
    onSuccess: () => go('on'),
  });
  return (
    <StepFrame onBack={() => go('preview')} onNext={() => save.mutate()} isBusy={save.isPending} error={save.error}>
      <GuardForm
        policy={draft.policy}
        onChange={(policy) => change({ policy })}
        owned={nobody}
        failure={save.error ? failureOf(save.error) : null}
      />
    </StepFrame>
  );
}
