import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { listConfigsOptions } from '@/api/generated/@tanstack/react-query.gen';
import { PageHeader } from '@/components/page-header';
import { runListMessages } from '@/components/run/list-messages';
import { RunList } from '@/components/run/run-list';
import { Card } from '@/components/ui/card';
import { useMessages } from '@/i18n/messages';

/** Runs of all integrations. */
export function Page() {
  const t = useMessages(runListMessages);
  const configs = useQuery(listConfigsOptions({ query: { limit: 500 } })).data;
  const names = useMemo(() => new Map(configs?.items.map((config) => [config.id, config.name])), [configs]);
  return (
    <>
      <PageHeader title={t('title')} description={t('description')} />
      <Card>
        <RunList names={names} />
      </Card>
    </>
  );
}
