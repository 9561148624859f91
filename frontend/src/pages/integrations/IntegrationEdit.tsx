import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Check, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { useParams } from 'react-router';
import { ifVersion } from '@/api/client';
import { getConfigOptions, getConfigQueryKey, getProviderOptions } from '@/api/generated/@tanstack/react-query.gen';
import { changeConfig } from '@/api/generated/sdk.gen';
import type { Config, Provider } from '@/api/generated/types.gen';
import { failureOf } from '@/api/problem';
import { ConnectionTab } from '@/components/edit/connection-tab';
import { CredentialsTab } from '@/components/edit/credentials-tab';
import { DangerTab } from '@/components/edit/danger-tab';
import { editMessages } from '@/components/edit/messages';
import { type Draft, differencesOf, isSame, type Typed, typedOf } from '@/components/edit/typed';
import { GuardForm } from '@/components/integration/guard-form';
import type { Settings } from '@/components/integration/schema-form';
import { IntegrationHeader } from '@/components/integration/integration-header';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { ConflictDialog } from '@/components/ui/conflict-dialog';
import { FailureNote } from '@/components/ui/failure';
import { Loaded } from '@/components/ui/loaded';
import { Notice } from '@/components/ui/notice';
import { Skeleton } from '@/components/ui/skeleton';
import { Tabs } from '@/components/ui/tabs';
import { toast } from '@/components/ui/toast';
import { UnsavedGuard } from '@/components/ui/unsaved-guard';
import { useMessages } from '@/i18n/messages';
import { useSearchState } from '@/lib/search-state';
import { useIntegrationStore } from '@/store/integration';

export function Page() {
  const { id = '' } = useParams();
  const config = useQuery(getConfigOptions({ path: { id } }));
  const provider = useQuery({
    ...getProviderOptions({ path: { provider: config.data?.provider ?? '' } }),
    enabled: config.data !== undefined,
  });
  if (!config.data || provider.isPending) {
    return (
      <>
        <IntegrationHeader id={id} />
        <Loaded<unknown> query={config} skeleton={<FormSkeleton />}>
          {() => <FormSkeleton />}
        </Loaded>
      </>
    );
  }
  // Without its connector an integration can still be renamed, switched off, exported and deleted.
  return <Editor key={id} config={config.data} provider={provider.data} missing={provider.error} />;
}

function FormSkeleton() {
  return (
    <Card className="flex flex-col gap-5 p-5">
      <Skeleton className="h-9 max-w-lg" />
      <Skeleton className="h-9 max-w-lg" />
      <Skeleton className="h-40" />
    </Card>
  );
}

interface EditorProps {
  config: Config;
  provider: Provider | undefined;
  missing: unknown;
}

function Editor({ config, provider, missing }: EditorProps) {
  const t = useMessages(editMessages);
  const queries = useQueryClient();
  const [tab, setTab] = useSearchState<'connection' | 'credentials' | 'safety' | 'danger'>('tab', 'connection');
  const place = `edit/${config.id}`;
  const draft = useIntegrationStore((state) => state.drafts[place]) as Draft | undefined;
  const standing = typedOf(config);
  const typed: Typed = draft ? { name: draft.name, settings: draft.settings, policy: draft.policy } : standing;
  const isDirty = draft !== undefined && !isSame(typed, standing);
  const [wasKept] = useState(isDirty);
  const [conflict, setConflict] = useState<Config | null>(null);
  const [secrets, setSecrets] = useState<Settings>({});
  const drop = () => useIntegrationStore.getState().dropDraft(place);
  const change = (part: Partial<Typed>) => {
    const next = { ...typed, ...part };
    if (isSame(next, standing)) drop();
    else useIntegrationStore.getState().keepDraft(place, { ...next, version: draft?.version ?? config.version });
  };
  const save = useMutation({
    mutationFn: async ({ version, typed }: { version: number; typed: Typed }) => {
      const body = {
        ...(typed.name !== config.name && { name: typed.name }),
        ...(!isSame(typed.settings, config.settings) && { settings: typed.settings }),
        ...(!isSame(typed.policy, config.policy) && { policy: typed.policy }),
      };
      return (await changeConfig({ path: { id: config.id }, body, headers: ifVersion(version) })).data;
    },
    onSuccess: (saved, { typed: sent }) => {
      queries.setQueryData(getConfigQueryKey({ path: { id: config.id } }), saved);
      const kept = useIntegrationStore.getState().drafts[place] as Draft | undefined;
      const { version: _, ...newest } = kept ?? { ...sent, version: 0 };
      // What was typed since is not saved yet.
      if (isSame(newest, sent)) drop();
      else useIntegrationStore.getState().keepDraft(place, { ...newest, version: saved.version });
      setConflict(null);
      toast.done(t('saved'));
      void queries.invalidateQueries({
        predicate: (query) => JSON.stringify(query.queryKey).includes('listConfigs'),
      });
    },
    onError: async (error) => {
      if (failureOf(error).status !== 412) return;
      setConflict(await queries.fetchQuery({ ...getConfigOptions({ path: { id: config.id } }), staleTime: 0 }));
    },
  });
  const failure = save.error ? failureOf(save.error) : null;
  return (
    <>
      <IntegrationHeader id={config.id}>
        {isDirty && (
          <Button variant="ghost" onClick={drop}>
            <RotateCcw className="mirrored" aria-hidden />
            {t('reset')}
          </Button>
        )}
        <Button
          variant="primary"
          disabled={!isDirty}
          isBusy={save.isPending}
          onClick={() => save.mutate({ version: draft?.version ?? config.version, typed })}
        >
          <Check aria-hidden />
          {t('save')}
        </Button>
      </IntegrationHeader>
      <UnsavedGuard when={isDirty || Object.keys(secrets).length > 0} />
      {wasKept && isDirty && (
        <Notice className="mb-4" title={t('draft')}>
          <p>{t('draftDo')}</p>
        </Notice>
      )}
      {missing !== null && missing !== undefined && <FailureNote error={missing} className="mb-4" />}
      {failure !== null && failure.status !== 412 && <FailureNote error={save.error} className="mb-4" />}
      <Tabs
        label={t('parts')}
        value={tab}
        onChange={setTab}
        tabs={[
          {
            value: 'connection',
            label: t('connection'),
            content: (
              <ConnectionTab
                config={config}
                provider={provider}
                typed={typed}
                onChange={change}
                failure={failure}
                isDirty={isDirty}
              />
            ),
          },
          {
            value: 'credentials',
            label: t('credentials'),
            content: <CredentialsTab config={config} provider={provider} secrets={secrets} setSecrets={setSecrets} />,
          },
          {
            value: 'safety',
            label: t('safety'),
            content: (
              <GuardForm
                policy={typed.policy}
                onChange={(policy) => change({ policy })}
                owned={config.owned}
                failure={failure}
              />
            ),
          },
          { value: 'danger', label: t('danger'), content: <DangerTab config={config} onGone={drop} /> },
        ]}
      />
      <ConflictDialog
        open={conflict !== null}
        onOpenChange={(isOpen) => !isOpen && setConflict(null)}
        differences={conflict ? differencesOf(typedOf(conflict), typed, t('field.policy'), t('name')) : []}
        takeTheirs={() => {
          drop();
          setConflict(null);
        }}
        takeMine={() => conflict && save.mutate({ version: conflict.version, typed })}
        isBusy={save.isPending}
      />
    </>
  );
}
