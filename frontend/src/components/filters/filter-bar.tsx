import { SearchX } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/empty-state';
import { useMessages } from '@/i18n/messages';
import { filterMessages } from './messages';

/** What stands above a list and narrows it: a search, choices. Its values live in the address: `useFilters`. */
export function FilterBar({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap items-center gap-2 border-b p-3">{children}</div>;
}

/** In place of a list in which the filters have left nothing. */
export function NoMatch({ title, description, clear }: { title: string; description: string; clear: () => void }) {
  const t = useMessages(filterMessages);
  return (
    <EmptyState icon={SearchX} title={title} description={description}>
      <Button onClick={clear}>{t('showAll')}</Button>
    </EmptyState>
  );
}
