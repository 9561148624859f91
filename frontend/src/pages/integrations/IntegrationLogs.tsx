import { lazy, Suspense } from 'react';
import { useParams } from 'react-router';
import { IntegrationHeader } from '@/components/integration/integration-header';
import { runListMessages } from '@/components/run/list-messages';
import { RunList } from '@/components/run/run-list';
import { Card } from '@/components/ui/card';
import { TableSkeleton } from '@/components/ui/skeleton';
import { Tabs } from '@/components/ui/tabs';
import { useMessages } from '@/i18n/messages';
import { useSearchState } from '@/lib/search-state';

const LogList = lazy(() => import('@/components/run/log-list').then(({ LogList }) => ({ default: LogList })));

/** An integration's runs and the lines that they have written. */
export function Page() {
  const { id = '' } = useParams();
  const t = useMessages(runListMessages);
  const [view, setView] = useSearchState<'runs' | 'log'>('view', 'runs');
  return (
    <>
      <IntegrationHeader id={id} />
      <Card>
        <Tabs
          label={t('view')}
          value={view}
          onChange={setView}
          tabs={[
            { value: 'runs', label: t('view.runs'), content: <RunList config={id} /> },
            {
              value: 'log',
              label: t('view.log'),
              content: (
                <Suspense fallback={<TableSkeleton rows={8} />}>
                  <LogList config={id} />
                </Suspense>
              ),
            },
          ]}
          className="pt-3 [&>[role=tablist]]:px-4 [&>[role=tabpanel]]:pt-0"
        />
      </Card>
    </>
  );
}
