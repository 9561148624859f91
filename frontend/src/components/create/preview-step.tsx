import { useNavigate } from 'react-router';
import { FirstOutcome } from '@/components/mapping/first-outcome';
import type { Wizard } from './draft';
import { StepFrame } from './step-frame';

export function PreviewStep({ draft, go, change }: Wizard) {
  const navigate = useNavigate();
  const fix = (stream: string) => {
    change({ step: 'mapping' });
    navigate({ search: `?${new URLSearchParams({ step: 'mapping', id: draft.id, stream, rows: 'failing' })}` });
  };
  return (
    <StepFrame onBack={() => go('mapping')} onNext={() => go('limits')}>
      {draft.streams.map(({ stream, entity }) => (
        <FirstOutcome
          key={`${stream} ${entity}`}
          config={draft.id}
          stream={stream}
          entity={entity}
          rows={draft.rows}
          file={draft.file?.id}
          onFix={() => fix(stream)}
        />
      ))}
    </StepFrame>
  );
}
