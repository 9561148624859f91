import { Blocks, FileUp, LayoutDashboard, Link2, type LucideIcon, Play, ScrollText } from 'lucide-react';
import type { ComponentType } from 'react';
import type { Key } from '@/i18n/messages';
import type { shellMessages } from '@/components/shell/messages';

export interface PageEntry {
  path: string;
  /** The page's own chunk; it exports `Page`. */
  load: () => Promise<{ Page: ComponentType }>;
  /** Where it stands in the navigation: name and icon. */
  nav?: { label: Key<typeof shellMessages.en>; icon: LucideIcon };
}

// One line a page. Only pages that stand are here; links to others show themselves once they do (`stands`).
// biome-ignore format: one line each, so that two that are added side by side merge
export const pages: readonly PageEntry[] = [
  { path: '/', load: () => import('./pages/integrations/Overview'), nav: { label: 'nav.today', icon: LayoutDashboard } },
  { path: '/integrations', load: () => import('./pages/integrations/IntegrationsList'), nav: { label: 'nav.integrations', icon: Link2 } },
  { path: '/runs', load: () => import('./pages/integrations/Runs'), nav: { label: 'nav.runs', icon: Play } },
  { path: '/connectors', load: () => import('./pages/integrations/Connectors'), nav: { label: 'nav.connectors', icon: Blocks } },
  { path: '/audit', load: () => import('./pages/integrations/Audit'), nav: { label: 'nav.audit', icon: ScrollText } },
  { path: '/integrations/:id/logs', load: () => import('./pages/integrations/IntegrationLogs') },
  { path: '/runs/:id', load: () => import('./pages/integrations/RunReview') },
  { path: '/import', load: () => import('./pages/integrations/FileImport'), nav: { label: 'nav.import', icon: FileUp } },
  { path: '/integrations/new', load: () => import('./pages/integrations/IntegrationCreate') },
  { path: '/integrations/:id', load: () => import('./pages/integrations/IntegrationEdit') },
  { path: '/integrations/:id/mappings', load: () => import('./pages/integrations/IntegrationMappings') },
];

export const navigation = pages.filter((page) => page.nav);

/** Whether there is a page at this address: `stands('/runs/:id')`. */
export const stands = (path: string): boolean => pages.some((page) => page.path === path);
