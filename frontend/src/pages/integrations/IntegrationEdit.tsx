import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Check, Download, KeyRound, RotateCcw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { ifVersion } from '@/api/client';
import {
  getConfigOptions,
  getConfigQueryKey,
  getCredentialsOptions,
  getCredentialsQueryKey,
  getProviderOptions,
  listFilesOptions,
} from '@/api/generated/@tanstack/react-query.gen';
import { changeConfig, deleteConfig, deleteCredentials, exportConfig, putCredentials } from '@/api/generated/sdk.gen';
import type { Config, Provider } from '@/api/generated/types.gen';
import { failureOf, nameErrorOf } from '@/api/problem';
import { ConnectionTest, useConnectionTest } from '@/components/integration/connection-test';
import { GuardForm } from '@/components/integration/guard-form';
import { IntegrationHeader } from '@/components/integration/integration-header';
import type { Policy } from '@/components/integration/policy';
import { fieldsOf } from '@/components/integration/schema';
import { SchemaForm, type Settings } from '@/components/integration/schema-form';
import { Button } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { Switch } from '@/components/ui/checkbox';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { ConflictDialog } from '@/components/ui/conflict-dialog';
import { EmptyState } from '@/components/ui/empty-state';
import { FailureNote } from '@/components/ui/failure';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Loaded } from '@/components/ui/loaded';
import { Notice } from '@/components/ui/notice';
import { Skeleton } from '@/components/ui/skeleton';
import { Tabs } from '@/components/ui/tabs';
import { Mono } from '@/components/ui/text';
import { toast } from '@/components/ui/toast';
import { UnsavedGuard } from '@/components/ui/unsaved-guard';
import { domainMessages } from '@/i18n/domain';
import { useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { useSearchState } from '@/lib/search-state';
import { useIntegrationStore } from '@/store/integration';
import { editMessages } from './IntegrationEdit.messages';

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

/** What can be typed here and not be saved yet. */
interface Typed {
  name: string;
  settings: Settings;
  policy: Policy;
}
type Draft = Typed & { version: number };

const typedOf = ({ name, settings, policy }: Config): Typed => ({ name, settings, policy });
const isSame = (left: unknown, right: unknown): boolean => canonical(left) === canonical(right);

/** JSON with its members in order: two that say the same are the same text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([left], [right]) => (left < right ? -1 : 1)))
      : item,
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
  const drop = () => useIntegrationStore.getState().dropDraft(place);
  const change = (part: Partial<Typed>) => {
    const next = { ...typed, ...part };
    if (isSame(next, standing)) drop();
    else useIntegrationStore.getState().keepDraft(place, { ...next, version: draft?.version ?? config.version });
  };
  const save = useMutation({
    mutationFn: async (version: number) => {
      const body = {
        ...(typed.name !== config.name && { name: typed.name }),
        ...(!isSame(typed.settings, config.settings) && { settings: typed.settings }),
        ...(!isSame(typed.policy, config.policy) && { policy: typed.policy }),
      };
      return (await changeConfig({ path: { id: config.id }, body, headers: ifVersion(version) })).data;
    },
    onSuccess: (saved) => {
      queries.setQueryData(getConfigQueryKey({ path: { id: config.id } }), saved);
      drop();
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
          onClick={() => save.mutate(draft?.version ?? config.version)}
        >
          <Check aria-hidden />
          {t('save')}
        </Button>
      </IntegrationHeader>
      <UnsavedGuard when={isDirty} />
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
              <Connection
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
            content: <Credentials config={config} provider={provider} />,
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
          { value: 'danger', label: t('danger'), content: <Danger config={config} onGone={drop} /> },
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
        takeMine={() => conflict && save.mutate(conflict.version)}
      />
    </>
  );
}

function differencesOf(theirs: Typed, mine: Typed, policyName: string, nameName: string) {
  const names = [...new Set([...Object.keys(theirs.settings), ...Object.keys(mine.settings)])];
  const rows = [
    { name: nameName, left: theirs.name, right: mine.name },
    ...names.map((name) => ({ name, left: theirs.settings[name], right: mine.settings[name] })),
    { name: policyName, left: theirs.policy, right: mine.policy },
  ];
  const show = (value: unknown) => <Mono>{typeof value === 'string' ? value : (JSON.stringify(value) ?? '—')}</Mono>;
  return rows
    .filter(({ left, right }) => !isSame(left, right))
    .map(({ name, left, right }) => ({ name, theirs: show(left), mine: show(right) }));
}

interface ConnectionProps {
  config: Config;
  provider: Provider | undefined;
  typed: Typed;
  onChange: (part: Partial<Typed>) => void;
  failure: ReturnType<typeof failureOf> | null;
  isDirty: boolean;
}

function Connection({ config, provider, typed, onChange, failure, isDirty }: ConnectionProps) {
  const t = useMessages(editMessages);
  const queries = useQueryClient();
  const readsFiles = config.provider === 'file';
  const files = useQuery({
    ...listFilesOptions({ path: { id: config.id }, query: { limit: 1 } }),
    enabled: readsFiles,
  });
  const newest = files.data?.items[0];
  const test = useConnectionTest(config.id, newest?.id);
  const fields = fieldsOf(provider?.settings_schema).filter(({ name }) => !(readsFiles && name === 'path'));
  const turn = useMutation({
    mutationFn: (isActive: boolean) =>
      changeConfig({ path: { id: config.id }, body: { is_active: isActive }, headers: ifVersion(config.version) }),
    onError: (error) => toast.failed(t('active'), error),
    onSettled: () =>
      queries.invalidateQueries({ predicate: (query) => JSON.stringify(query.queryKey).includes('Config') }),
  });
  const nameError = nameErrorOf(failure);
  return (
    <div className="flex flex-col gap-4">
      <Card className="flex flex-col gap-4 p-4 sm:p-5">
        <Field label={t('name')} isRequired className="max-w-lg" {...(nameError && { error: nameError })}>
          {(control) => (
            <Input {...control} value={typed.name} onChange={(event) => onChange({ name: event.target.value })} />
          )}
        </Field>
        <div className="flex items-center gap-3">
          <Switch
            aria-label={t('active')}
            checked={turn.isPending ? turn.variables : config.is_active}
            // A version of its own: with changes typed and not saved it would make them stale.
            disabled={isDirty}
            onCheckedChange={(isActive) => turn.mutate(isActive)}
          />
          <div>
            <p className="font-medium">{t('active')}</p>
            <p className="text-table text-muted-foreground">{t('activeDo')}</p>
          </div>
        </div>
      </Card>
      <Card>
        <CardHeader title={t('settings')} {...(fields.length === 0 && { description: t('settingsNone') })} />
        {fields.length > 0 && (
          <div className="px-4 pb-5">
            <SchemaForm
              fields={fields}
              value={typed.settings}
              onChange={(settings) => onChange({ settings })}
              failure={failure}
              pointer="/settings"
            />
          </div>
        )}
      </Card>
      <div>
        <ConnectionTest test={test} />
        <p className="mt-2 text-table text-muted-foreground">
          {[newest && t('testNeedsFile', { file: newest.name }), isDirty && t('unsavedTest')].filter(Boolean).join(' ')}
        </p>
      </div>
    </div>
  );
}

function Credentials({ config, provider }: { config: Config; provider: Provider | undefined }) {
  const t = useMessages(editMessages);
  const format = useFormats();
  const queries = useQueryClient();
  const path = { path: { id: config.id } };
  const credentials = useQuery(getCredentialsOptions(path));
  const fields = fieldsOf(provider?.credentials_schema);
  const [secrets, setSecrets] = useState<Settings>({});
  const isTyped = Object.keys(secrets).length > 0;
  const put = useMutation({
    mutationFn: (test: boolean) =>
      putCredentials({
        ...path,
        body: Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, String(value)])),
        query: { test },
        timeout: 120_000,
      }),
    onSuccess: () => {
      setSecrets({});
      toast.done(t('replaced'));
      void queries.invalidateQueries({ queryKey: getCredentialsQueryKey(path) });
      void queries.invalidateQueries({ queryKey: getConfigQueryKey(path) });
    },
  });
  if (fields.length === 0) {
    return (
      <Card>
        <EmptyState icon={KeyRound} title={t('credentialsNone')} description={t('credentialsNoneDo')} />
      </Card>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <UnsavedGuard when={isTyped} />
      <Card>
        <Loaded query={credentials} skeleton={<Skeleton className="m-4 h-10" />}>
          {({ is_set: isSet, updated_at: at, updated_by: by }) => (
            <CardHeader
              title={
                isSet && at ? t('credentialsSet', { when: format.time(at), who: by ?? '—' }) : t('credentialsUnset')
              }
              description={t('credentialsSetDo')}
            >
              {isSet && (
                <ConfirmDialog
                  trigger={<Button variant="danger">{t('remove')}</Button>}
                  title={t('removeTitle', { name: config.name })}
                  description={t('removeDo')}
                  confirm={t('remove')}
                  isDangerous
                  onConfirm={async () => {
                    await deleteCredentials(path);
                    toast.done(t('removed'));
                    await queries.invalidateQueries({ queryKey: getCredentialsQueryKey(path) });
                  }}
                />
              )}
            </CardHeader>
          )}
        </Loaded>
      </Card>
      <Card>
        <CardHeader title={t('replace')} description={t('replaceDo')} />
        <form
          noValidate
          className="flex flex-col gap-4 px-4 pb-4"
          onSubmit={(event) => {
            event.preventDefault();
            if (isTyped) put.mutate(true);
          }}
        >
          <SchemaForm
            fields={fields}
            value={secrets}
            onChange={setSecrets}
            failure={put.error ? failureOf(put.error) : null}
            pointer=""
            areSecrets
          />
          {put.error !== null && (
            <FailureNote error={put.error}>
              {put.variables && credentials.data?.is_set && <p>{t('refused')}</p>}
            </FailureNote>
          )}
          <div className="flex flex-wrap gap-2">
            <Button
              type="submit"
              variant="primary"
              disabled={!isTyped}
              isBusy={put.isPending && put.variables === true}
            >
              {t('testAndReplace')}
            </Button>
            <Button
              disabled={!isTyped || put.isPending}
              isBusy={put.isPending && put.variables === false}
              onClick={() => put.mutate(false)}
            >
              {t('replaceUntested')}
            </Button>
          </div>
        </form>
      </Card>
    </div>
  );
}

function Danger({ config, onGone }: { config: Config; onGone: () => void }) {
  const t = useMessages(editMessages);
  const d = useMessages(domainMessages);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [typed, setTyped] = useState('');
  const download = useMutation({
    mutationFn: async () => {
      const { data } = await exportConfig({ path: { id: config.id } });
      const blob = new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' });
      const link = document.createElement('a');
      link.href = URL.createObjectURL(blob);
      link.download = `${config.name}.trainflow.json`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    },
    onError: (error) => toast.failed(t('downloadFailed'), error),
  });
  const remove = async () => {
    await deleteConfig({ path: { id: config.id }, headers: ifVersion(config.version) });
    onGone();
    toast.done(t('deleted', { name: config.name }));
    navigate('/integrations');
    await queries.invalidateQueries({
      predicate: (query) => JSON.stringify(query.queryKey).includes('listConfigs'),
    });
  };
  return (
    <div className="flex flex-col gap-4">
      <Card>
        <CardHeader title={t('copyTitle')} description={t('copyDo')}>
          <Button isBusy={download.isPending} onClick={() => download.mutate()}>
            <Download aria-hidden />
            {t('download')}
          </Button>
        </CardHeader>
      </Card>
      <Card className="border-danger/60">
        <CardHeader
          title={t('deleteTitle')}
          description={`${t('deleteDo', {
            people: d('people', { count: config.owned.users }),
            enrolments: d('enrolments', { count: config.owned.enrollments }),
          })} ${config.is_active ? t('turnOff') : ''}`}
        >
          <ConfirmDialog
            trigger={
              <Button variant="danger">
                <Trash2 aria-hidden />
                {t('delete')}
              </Button>
            }
            title={t('deleteAsk', { name: config.name })}
            description={t('deleteDo', {
              people: d('people', { count: config.owned.users }),
              enrolments: d('enrolments', { count: config.owned.enrollments }),
            })}
            confirm={t('deleteNow')}
            isDangerous
            isConfirmable={typed.trim() === config.name.trim()}
            onConfirm={remove}
          >
            <Field label={t('deleteConfirm')} hint={<bdi>{config.name}</bdi>}>
              {(control) => (
                <Input
                  {...control}
                  autoComplete="off"
                  value={typed}
                  onChange={(event) => setTyped(event.target.value)}
                />
              )}
            </Field>
          </ConfirmDialog>
        </CardHeader>
      </Card>
    </div>
  );
}
