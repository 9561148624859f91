import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Blocks, CircleCheck, CircleDashed, ShieldQuestion } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import {
  listConfigsOptions,
  listProvidersOptions,
  listProvidersQueryKey,
} from '@/api/generated/@tanstack/react-query.gen';
import { setProvider } from '@/api/generated/sdk.gen';
import type { ListProvidersResponse, Provider } from '@/api/generated/types.gen';
import { ProviderMark } from '@/components/integration/provider-mark';
import { PageHeader } from '@/components/page-header';
import { Card, CardHeader } from '@/components/ui/card';
import { Switch } from '@/components/ui/checkbox';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { EmptyState } from '@/components/ui/empty-state';
import { Loaded } from '@/components/ui/loaded';
import { Skeleton } from '@/components/ui/skeleton';
import { State } from '@/components/ui/state';
import { DataTable } from '@/components/ui/table';
import { Bdi, Fact, Mono } from '@/components/ui/text';
import { toast } from '@/components/ui/toast';
import { useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { connectorsMessages } from './Connectors.messages';

export function Page() {
  const t = useMessages(connectorsMessages);
  const providers = useQuery(listProvidersOptions());
  return (
    <>
      <PageHeader title={t('title')} description={t('description')} />
      <Loaded query={providers} skeleton={<Skeleton className="h-72 rounded-lg" />}>
        {({ items, refused }) => (
          <div className="flex flex-col gap-5">
            {items.length === 0 && (
              <Card>
                <EmptyState icon={Blocks} title={t('emptyTitle')} description={t('empty')} />
              </Card>
            )}
            <ul className="grid gap-4 xl:grid-cols-2">
              {items.map((provider) => (
                <li key={provider.id} className="min-w-0">
                  <Connector provider={provider} />
                </li>
              ))}
            </ul>
            {refused.length > 0 && <Refused files={refused} />}
          </div>
        )}
      </Loaded>
    </>
  );
}

/** Names of a JSON Schema's properties. */
function propertiesOf(schema: unknown): string[] {
  const properties = (schema as { properties?: Record<string, unknown> } | null)?.properties;
  return Object.keys(properties ?? {});
}

function Connector({ provider }: { provider: Provider }) {
  const t = useMessages(connectorsMessages);
  const format = useFormats();
  const configs = useQuery(listConfigsOptions({ query: { provider: provider.id, limit: 500 } }));
  const { name, sandbox, capabilities } = provider;
  const settings = propertiesOf(provider.settings_schema);
  const credentials = propertiesOf(provider.credentials_schema);
  return (
    <Card className="flex h-full flex-col">
      <header className="flex items-start gap-3 p-4">
        <ProviderMark provider={provider.id} />
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold">
            <Bdi>{name}</Bdi>
          </h2>
          <p className="text-table text-muted-foreground">
            {t('version', { version: provider.version, publisher: provider.publisher })}
          </p>
        </div>
        <UseSwitch provider={provider} />
      </header>
      <div className="flex flex-1 flex-col gap-4 border-t p-4">
        <p className="flex flex-wrap gap-2">
          {provider.is_enabled ? (
            <State tone="success" icon={CircleCheck}>
              {t('on')}
            </State>
          ) : (
            <State tone="muted" icon={CircleDashed}>
              {t('off')}
            </State>
          )}
          <State tone="warning" icon={ShieldQuestion}>
            {t('unsigned')}
          </State>
        </p>
        {provider.description && (
          <p dir="ltr" lang="en" className="rtl:text-end">
            {provider.description}
          </p>
        )}
        <dl className="grid gap-x-6 gap-y-3 sm:grid-cols-2">
          <Fact name={t('needs')}>{t(`profile.${sandbox.profile}`)}</Fact>
          <Fact name={t('trust')}>{t('unsignedWhy')}</Fact>
          <Fact name={t('hosts')}>
            {sandbox.hosts.length > 0 ? <Mono>{sandbox.hosts.join(', ')}</Mono> : t('noHosts')}
          </Fact>
          <Fact name={t('memory')}>{sandbox.memory === null ? t('memoryDefault') : format.bytes(sandbox.memory)}</Fact>
          <Fact name={t('streams')}>
            {provider.streams.length > 0 ? (
              <Mono>{provider.streams.map((stream) => stream.name).join(', ')}</Mono>
            ) : (
              t('streamsFound')
            )}
          </Fact>
          <Fact name={t('capabilities')}>
            <Mono>{capabilities.join(', ')}</Mono>
          </Fact>
          <Fact name={t('settings')}>{settings.length > 0 ? <Mono>{settings.join(', ')}</Mono> : t('noneNeeded')}</Fact>
          <Fact name={t('credentials')}>
            {credentials.length > 0 ? <Mono>{credentials.join(', ')}</Mono> : t('noneNeeded')}
          </Fact>
        </dl>
        <p className="mt-auto flex flex-wrap justify-between gap-2 text-table text-muted-foreground">
          {configs.data ? (
            <Link to="/integrations" className="rounded-sm text-primary hover:underline">
              {t('integrations', { count: configs.data.items.length })}
            </Link>
          ) : (
            <Skeleton className="h-5 w-40" />
          )}
          {provider.changed_at && provider.changed_by && (
            <span>{t('changed', { who: provider.changed_by, when: format.relative(provider.changed_at) })}</span>
          )}
        </p>
      </div>
    </Card>
  );
}

function UseSwitch({ provider }: { provider: Provider }) {
  const t = useMessages(connectorsMessages);
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const { id, name } = provider;
  const { mutateAsync, isPending } = useMutation({
    mutationFn: (isEnabled: boolean) => setProvider({ path: { provider: id }, body: { is_enabled: isEnabled } }),
    onSuccess: (_, isEnabled) => {
      toast.done(t(isEnabled ? 'switchedOn' : 'switchedOff', { name }));
      return queries.invalidateQueries({ queryKey: listProvidersQueryKey() });
    },
  });
  const turnOn = () => mutateAsync(true).catch((error: unknown) => toast.failed(t('switchFailed', { name }), error));
  return (
    <>
      <Switch
        aria-label={t('use', { name })}
        checked={provider.is_enabled}
        disabled={isPending}
        onCheckedChange={(isOn) => (isOn ? void turnOn() : setAsking(true))}
      />
      <ConfirmDialog
        open={isAsking}
        onOpenChange={setAsking}
        title={t('offTitle', { name })}
        description={t('offDetail')}
        confirm={t('offConfirm')}
        isDangerous
        onConfirm={() => mutateAsync(false)}
      />
    </>
  );
}

function Refused({ files }: { files: ListProvidersResponse['refused'] }) {
  const t = useMessages(connectorsMessages);
  const said = (text: string) => (
    <span dir="ltr" lang="en">
      {text}
    </span>
  );
  return (
    <Card>
      <CardHeader title={t('refusedTitle')} description={t('refusedDescription')} />
      <DataTable
        caption={t('refusedTitle')}
        rows={files}
        rowKey={(file) => file.file}
        columns={[
          { id: 'file', header: t('file'), isName: true, cell: ({ file }) => <Mono>{file}</Mono> },
          { id: 'reason', header: t('reason'), cell: ({ reason }) => said(reason) },
          { id: 'todo', header: t('todo'), cell: ({ hint }) => said(hint) },
        ]}
      />
    </Card>
  );
}
