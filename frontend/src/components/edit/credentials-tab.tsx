import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import {
  getConfigQueryKey,
  getCredentialsOptions,
  getCredentialsQueryKey,
} from '@/api/generated/@tanstack/react-query.gen';
import { deleteCredentials, putCredentials } from '@/api/generated/sdk.gen';
import type { Config, Provider } from '@/api/generated/types.gen';
import { failureOf } from '@/api/problem';
import { fieldsOf } from '@/components/integration/schema';
import { SchemaForm, type Settings } from '@/components/integration/schema-form';
import { Button } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { EmptyState } from '@/components/ui/empty-state';
import { FailureNote } from '@/components/ui/failure';
import { Loaded } from '@/components/ui/loaded';
import { Skeleton } from '@/components/ui/skeleton';
import { toast } from '@/components/ui/toast';
import { useMessages } from '@/i18n/messages';
import { useFormats } from '@/lib/format';
import { editMessages } from './messages';

interface CredentialsProps {
  config: Config;
  provider: Provider | undefined;
  /** What is typed: in no draft, but while the page stands another tab takes nothing of it. */
  secrets: Settings;
  setSecrets: (secrets: Settings) => void;
}

/** What the other system asks for to let TrainFlow in: written, never read back. */
export function CredentialsTab({ config, provider, secrets, setSecrets }: CredentialsProps) {
  const t = useMessages(editMessages);
  const format = useFormats();
  const queries = useQueryClient();
  const path = { path: { id: config.id } };
  const credentials = useQuery(getCredentialsOptions(path));
  const fields = fieldsOf(provider?.credentials_schema);
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
