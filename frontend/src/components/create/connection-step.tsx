import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { FileCheck } from 'lucide-react';
import { useState } from 'react';
import { useOnce } from '@/api/client';
import { listProvidersOptions } from '@/api/generated/@tanstack/react-query.gen';
import { changeConfig, createConfig, putCredentials } from '@/api/generated/sdk.gen';
import { failureOf, nameErrorOf } from '@/api/problem';
import { FileDrop } from '@/components/import/file-drop';
import { useUpload } from '@/components/import/upload';
import { fieldsOf } from '@/components/integration/schema';
import { SchemaForm, type Settings } from '@/components/integration/schema-form';
import { Button } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Loaded } from '@/components/ui/loaded';
import { TableSkeleton } from '@/components/ui/skeleton';
import { Bdi } from '@/components/ui/text';
import { useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import type { CreateDraft, Wizard } from './draft';
import { createMessages } from './messages';
import { StepFrame } from './step-frame';

export function ConnectionStep(wizard: Wizard) {
  const providers = useQuery(listProvidersOptions());
  return (
    <Loaded query={providers} skeleton={<TableSkeleton rows={4} />}>
      {({ items }) => {
        const provider = items.find(({ id }) => id === wizard.draft.provider);
        return (
          <Connection
            wizard={wizard}
            settingsSchema={provider?.settings_schema}
            credentialsSchema={provider?.credentials_schema}
          />
        );
      }}
    </Loaded>
  );
}

interface ConnectionProps {
  wizard: Wizard;
  settingsSchema: unknown;
  credentialsSchema: unknown;
}

function Connection({ wizard, settingsSchema, credentialsSchema }: ConnectionProps) {
  const { draft, change, go } = wizard;
  const t = useMessages(createMessages);
  const format = useFormats();
  const queries = useQueryClient();
  const readsFiles = draft.provider === 'file';
  // Uploaded files take the place of a path on the host's machine.
  const fields = fieldsOf(settingsSchema).filter(({ name }) => !(readsFiles && name === 'path'));
  const secretFields = fieldsOf(credentialsSchema);
  const [secrets, setSecrets] = useState<Settings>({});
  const [takesAnother, setTakesAnother] = useState(false);
  const once = useOnce();
  const upload = useUpload();

  /** Makes the integration at the host, switched off, or brings it to what stands here. */
  const keep = async (part: Partial<CreateDraft> = {}): Promise<string> => {
    const next = { ...draft, ...part };
    const body = { name: next.name.trim(), settings: next.settings };
    let { id } = next;
    if (id) await changeConfig({ path: { id }, body });
    else {
      const whole = { ...body, provider: next.provider, is_active: false };
      const made = await createConfig({ body: whole, headers: once.headersOf(whole) });
      id = made.data.id;
      change({ id });
    }
    if (Object.keys(secrets).length > 0) {
      const body = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, String(value)]));
      await putCredentials({ path: { id }, body });
      setSecrets({});
    }
    void queries.invalidateQueries({ predicate: (query) => JSON.stringify(query.queryKey).includes('Config') });
    return id;
  };
  const save = useMutation({ mutationFn: () => keep(), onSuccess: (id) => go('test', { id }) });
  const send = useMutation({
    mutationFn: async (file: File) => {
      const name = draft.name.trim() || file.name.replace(/\.\w+$/, '');
      change({ name });
      const id = await keep({ name });
      const stored = await upload.send(id, file);
      if (!stored) return;
      // What was chosen of another file doesn't hold for this one.
      change({ id, file: { id: stored.id, name: stored.name, size: stored.size }, streams: [], rows: [] });
      setTakesAnother(false);
    },
  });
  const error = save.error ?? (upload.error ? null : send.error);
  const failure = error ? failureOf(error) : null;
  const nameError = nameErrorOf(failure);
  const waitsFor = !draft.name.trim()
    ? t('connection.needName')
    : readsFiles && !draft.file
      ? t('connection.needFile')
      : undefined;
  const form = (
    <SchemaForm
      fields={fields}
      value={draft.settings}
      onChange={(settings) => change({ settings })}
      failure={failure}
      pointer="/settings"
    />
  );
  return (
    <StepFrame
      onBack={() => go('provider')}
      onNext={() => save.mutate()}
      isBusy={save.isPending || send.isPending}
      waitsFor={waitsFor}
      error={nameError ? null : error}
    >
      <Card className="p-4 sm:p-5">
        <Field
          label={t('connection.name')}
          hint={t('connection.nameHint')}
          isRequired
          className="max-w-lg"
          {...(nameError && { error: nameError })}
        >
          {(control) => (
            <Input {...control} value={draft.name} onChange={(event) => change({ name: event.target.value })} />
          )}
        </Field>
        {readsFiles && (
          <div className="mt-5">
            <h2 className="mb-1.5 font-medium">{t('connection.file')}</h2>
            {draft.file && !takesAnother ? (
              <div className="flex flex-wrap items-center gap-3 rounded-lg border px-4 py-3">
                <FileCheck className="size-5 text-success" aria-hidden />
                <div className="min-w-0 flex-1">
                  <Bdi className="block truncate font-medium">{draft.file.name}</Bdi>
                  <p className="text-table text-muted-foreground">
                    {t('connection.sent', { size: format.bytes(draft.file.size) })}
                  </p>
                </div>
                <Button size="sm" onClick={() => setTakesAnother(true)}>
                  {t('connection.another')}
                </Button>
              </div>
            ) : (
              <FileDrop busy={upload} onFile={(file) => send.mutateAsync(file)} />
            )}
          </div>
        )}
      </Card>
      {secretFields.length > 0 && (
        <Card>
          <CardHeader title={t('connection.secrets')} description={t('connection.secretsDo')} />
          <div className="px-4 pb-4">
            <SchemaForm
              fields={secretFields}
              value={secrets}
              onChange={setSecrets}
              failure={failure}
              pointer=""
              areSecrets
            />
          </div>
        </Card>
      )}
      {fields.length > 0 && (
        <Card className="p-4 sm:p-5">
          {readsFiles ? (
            <details>
              <summary className="cursor-pointer rounded-sm font-medium">{t('connection.options')}</summary>
              <p className="mt-1 mb-4 text-muted-foreground">{t('connection.optionsDo')}</p>
              {form}
            </details>
          ) : (
            <div className="grid gap-6 xl:grid-cols-[minmax(0,1fr)_20rem]">
              <div>
                <h2 className="mb-3 font-semibold">{t('connection.settings')}</h2>
                {form}
              </div>
              <div>
                <h2 className="mb-3 font-semibold">{t('connection.json')}</h2>
                <pre dir="ltr" className="overflow-x-auto rounded-lg bg-muted p-3 font-mono text-xs">
                  {JSON.stringify(draft.settings, null, 2)}
                </pre>
              </div>
            </div>
          )}
        </Card>
      )}
    </StepFrame>
  );
}
