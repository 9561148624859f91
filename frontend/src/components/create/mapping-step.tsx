import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { getMappingsQueryKey } from '@/api/generated/@tanstack/react-query.gen';
import { replaceMappings } from '@/api/generated/sdk.gen';
import { MappingWork, type MappingWorkState } from '@/components/mapping/mapping-work';
import { lineOf } from '@/components/mapping/rows';
import { Segments } from '@/components/ui/segments';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { useSearchState } from '@/lib/search-state';
import type { Wizard } from './draft';
import { createMessages } from './messages';
import { StepFrame } from './step-frame';

export function MappingStep({ draft, change, go }: Wizard) {
  const t = useMessages(createMessages);
  const d = useMessages(domainMessages);
  const queries = useQueryClient();
  const [chosen, setChosen] = useSearchState('stream', '');
  const [work, setWork] = useState<MappingWorkState | null>(null);
  const current = draft.streams.find(({ stream }) => stream === chosen) ?? draft.streams[0];
  const save = useMutation({
    mutationFn: async () =>
      (await replaceMappings({ path: { id: draft.id }, body: { mappings: draft.rows.map(lineOf) } })).data,
    onSuccess: (kept) => {
      queries.setQueryData(getMappingsQueryKey({ path: { id: draft.id } }), kept);
      go('preview');
    },
  });
  const isEmpty = draft.streams.some(({ stream }) => !draft.rows.some((row) => row.stream === stream));
  if (!current) return null;
  return (
    <StepFrame
      onBack={() => go('streams')}
      onNext={() => save.mutate()}
      isBusy={save.isPending || (!isEmpty && work?.isChecked === false)}
      waitsFor={isEmpty ? t('mapping.empty') : (work?.wrong ?? 0) > 0 ? t('mapping.wrong') : undefined}
      error={save.error}
    >
      {draft.streams.length > 1 && (
        <Segments
          label={t('step.streams')}
          value={current.stream}
          onChange={setChosen}
          choices={draft.streams.map(({ stream, entity }) => ({
            value: stream,
            label: (
              <>
                <bdi>{stream}</bdi> ({d(`entity.${entity}`)})
              </>
            ),
          }))}
        />
      )}
      <div>
        <MappingWork
          key={`${current.stream} ${current.entity}`}
          config={draft.id}
          stream={current.stream}
          entity={current.entity}
          rows={draft.rows}
          onChange={(rows) => change({ rows })}
          file={draft.file?.id}
          readsFiles={draft.provider === 'file'}
          suggests
          onState={setWork}
        />
      </div>
    </StepFrame>
  );
}
