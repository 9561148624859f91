import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { NavLink } from 'react-router';
import { getConfigOptions } from '@/api/generated/@tanstack/react-query.gen';
import { OffState, RunState } from '@/components/ui/state';
import { tabLook } from '@/components/ui/tabs';
import { useMessages } from '@/i18n/messages';
import { stands } from '@/pages';
import { useIntegrationStore } from '@/store/integration';
import { PageHeader } from '../page-header';
import { integrationMessages } from './messages';

const tabs = [
  { path: '/integrations/:id', name: 'tab.edit' },
  { path: '/integrations/:id/mappings', name: 'tab.mappings' },
  { path: '/integrations/:id/logs', name: 'tab.logs' },
] as const;

/** The head of an integration's pages: the way back, its name and state, and its other pages. */
export function IntegrationHeader({ id, children }: { id: string; children?: ReactNode }) {
  const t = useMessages(integrationMessages);
  const search = useIntegrationStore((state) => state.searches['/integrations'] ?? '');
  const config = useQuery(getConfigOptions({ path: { id } })).data;
  return (
    <>
      <PageHeader
        title={config?.name ?? '…'}
        trail={[{ label: t('integrations'), to: `/integrations${search}` }]}
        beside={config && (config.is_active ? <RunState run={config.last_run} /> : <OffState />)}
      >
        {children}
      </PageHeader>
      <nav aria-label={t('tabs')} className="mb-5 flex gap-5 overflow-x-auto border-b">
        {tabs
          .filter((tab) => stands(tab.path))
          .map((tab) => (
            <NavLink key={tab.path} to={tab.path.replace(':id', id)} end className={tabLook}>
              {t(tab.name)}
            </NavLink>
          ))}
      </nav>
    </>
  );
}
