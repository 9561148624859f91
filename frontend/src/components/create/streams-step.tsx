import { useQuery } from '@tanstack/react-query';
import { FileQuestion } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { listProvidersOptions } from '@/api/generated/@tanstack/react-query.gen';
import { chosenWith, guessEntity, StreamList, useStreams } from '@/components/mapping/stream-list';
import { type Entity, entities } from '@/components/mapping/targets';
import { Card, CardHeader } from '@/components/ui/card';
import { EmptyState } from '@/components/ui/empty-state';
import { Loaded } from '@/components/ui/loaded';
import { TableSkeleton } from '@/components/ui/skeleton';
import { useMessages } from '@/i18n/messages';
import type { Wizard } from './draft';
import { createMessages } from './messages';
import { StepFrame } from './step-frame';

export function StreamsStep({ draft, change, go }: Wizard) {
  const t = useMessages(createMessages);
  const providers = useQuery(listProvidersOptions());
  const found = useStreams(draft.id, draft.file?.id);
  const known = providers.data?.items.find(({ id }) => id === draft.provider)?.streams;
  const streams = found.data?.streams;
  const isGuessed = useRef(draft.streams.length > 0);
  const isKnown = !providers.isPending;
  useEffect(() => {
    if (!streams || !isKnown || isGuessed.current) return;
    isGuessed.current = true;
    change({
      streams: streams.map((stream) => {
        const said = known?.find(({ name }) => name === stream.name)?.target_entity;
        return { stream: stream.name, entity: entities.find((entity) => entity === said) ?? guessEntity(stream) };
      }),
    });
  }, [streams, isKnown, known, change]);
  const choose = (stream: string, entity: Entity | 'none') => {
    change({
      streams: chosenWith(draft.streams, streams ?? [], stream, entity),
      rows: draft.rows.filter((row) => row.stream !== stream || row.entity === entity),
    });
  };
  return (
    <StepFrame
      onBack={() => go('test')}
      onNext={() => go('mapping')}
      waitsFor={draft.streams.length === 0 ? t('streams.choose') : undefined}
    >
      <Card>
        <CardHeader title={t('streams.title')} description={t('streams.description')} />
        <Loaded
          query={found}
          skeleton={<TableSkeleton rows={2} />}
          isEmpty={({ streams }) => streams.length === 0}
          empty={<EmptyState icon={FileQuestion} title={t('streams.none')} />}
        >
          {({ streams }) => <StreamList streams={streams} chosen={draft.streams} onChoose={choose} />}
        </Loaded>
      </Card>
    </StepFrame>
  );
}
