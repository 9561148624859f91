import { useQuery } from '@tanstack/react-query';
import { CircleCheck, Network, PlugZap, ShieldAlert } from 'lucide-react';
import { listProvidersOptions } from '@/api/generated/@tanstack/react-query.gen';
import type { Provider } from '@/api/generated/types.gen';
import { ProviderMark } from '@/components/integration/provider-mark';
import { Card, CardHeader } from '@/components/ui/card';
import { EmptyState } from '@/components/ui/empty-state';
import { Loaded } from '@/components/ui/loaded';
import { TableSkeleton } from '@/components/ui/skeleton';
import { useMessages } from '@/i18n/messages';
import { cn } from '@/lib/cn';
import { useFormats } from '@/lib/format';
import type { Wizard } from './draft';
import { createMessages } from './messages';

export function ProviderStep({ draft, go }: Wizard) {
  const t = useMessages(createMessages);
  const providers = useQuery(listProvidersOptions());
  const choose = (provider: Provider) =>
    // Another connector has other settings.
    go('connection', provider.id === draft.provider ? {} : { provider: provider.id, settings: {} });
  return (
    <Card>
      <CardHeader title={t('provider.title')} description={t('provider.description')} />
      <Loaded
        query={providers}
        skeleton={<TableSkeleton rows={3} />}
        isEmpty={({ items }) => items.length === 0}
        empty={<EmptyState icon={PlugZap} title={t('provider.none')} description={t('provider.noneDo')} />}
      >
        {({ items }) => (
          <ul className="grid gap-3 p-4 pt-1 md:grid-cols-2 xl:grid-cols-3">
            {items.map((provider) => (
              <li key={provider.id}>
                <ProviderCard
                  provider={provider}
                  isChosen={provider.id === draft.provider}
                  // What stands at the host already stays with its connector.
                  isFixed={draft.id !== '' && provider.id !== draft.provider}
                  onChoose={() => choose(provider)}
                />
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Card>
  );
}

interface ProviderCardProps {
  provider: Provider;
  isChosen: boolean;
  isFixed: boolean;
  onChoose: () => void;
}

function ProviderCard({ provider, isChosen, isFixed, onChoose }: ProviderCardProps) {
  const t = useMessages(createMessages);
  const format = useFormats();
  const { sandbox } = provider;
  const needs =
    sandbox.profile === 'pure'
      ? t('provider.noNetwork')
      : sandbox.hosts.length > 0
        ? t('provider.hosts', { hosts: format.list(sandbox.hosts) })
        : t('provider.asSettings');
  return (
    <button
      type="button"
      disabled={!provider.is_enabled || isFixed}
      aria-pressed={isChosen}
      onClick={onChoose}
      className="flex h-full w-full flex-col gap-2 rounded-lg border bg-card p-4 text-start hover:border-primary disabled:opacity-60 aria-pressed:border-primary aria-pressed:ring-2 aria-pressed:ring-ring"
    >
      <span className="flex items-center gap-3">
        <ProviderMark provider={provider.id} />
        <span className="min-w-0">
          <bdi className="block truncate font-semibold">{provider.name}</bdi>
          <span className="block truncate text-xs text-muted-foreground">
            {t('provider.by', { publisher: provider.publisher, version: provider.version })}
          </span>
        </span>
        {isChosen && <CircleCheck className="ms-auto size-5 text-primary" aria-hidden />}
      </span>
      {provider.description && (
        <span dir="ltr" lang="en" className="text-table text-muted-foreground in-[:dir(rtl)]:text-end">
          {provider.description}
        </span>
      )}
      <span className="mt-auto flex flex-col gap-1 text-table">
        <span className="flex items-start gap-1.5">
          <Network className="mt-0.5 size-4 shrink-0 text-muted-foreground" aria-hidden />
          {needs}
        </span>
        <span className={cn('flex items-start gap-1.5', 'text-warning')}>
          <ShieldAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
          <span>
            {t('provider.unsigned')}. <span className="text-muted-foreground">{t('provider.unsignedDo')}</span>
          </span>
        </span>
        {!provider.is_enabled && <span className="text-danger">{t('provider.off')}</span>}
      </span>
    </button>
  );
}
