import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ifVersion } from '@/api/client';
import { listFilesOptions } from '@/api/generated/@tanstack/react-query.gen';
import { changeConfig } from '@/api/generated/sdk.gen';
import type { Config, Provider } from '@/api/generated/types.gen';
import { type failureOf, nameErrorOf } from '@/api/problem';
import { ConnectionTest, useConnectionTest } from '@/components/integration/connection-test';
import { fieldsOf } from '@/components/integration/schema';
import { SchemaForm } from '@/components/integration/schema-form';
import { Card, CardHeader } from '@/components/ui/card';
import { Switch } from '@/components/ui/checkbox';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { toast } from '@/components/ui/toast';
import { useMessages } from '@/i18n/messages';
import { editMessages } from './messages';
import type { Typed } from './typed';

interface ConnectionProps {
  config: Config;
  provider: Provider | undefined;
  typed: Typed;
  onChange: (part: Partial<Typed>) => void;
  failure: ReturnType<typeof failureOf> | null;
  isDirty: boolean;
}

/** Name, on or off, and the settings that the connector asks for; tried out. */
export function ConnectionTab({ config, provider, typed, onChange, failure, isDirty }: ConnectionProps) {
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
            onCheckedChange={(isActive) => !turn.isPending && turn.mutate(isActive)}
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
